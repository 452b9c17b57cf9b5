export { blockPartition } from "./partition";
