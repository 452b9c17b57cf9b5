// The registry: a new dataset is a new file here and a line below.
export { cifar10 } from "./cifar10";
export { fashionMnist } from "./fashion-mnist";
export { mnist } from "./mnist";
export { tinyShakespeare } from "./tiny-shakespeare";
