export { jsonl } from "./jsonl";
