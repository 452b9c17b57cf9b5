/** What tfjs-node's binding calls of TensorFlow's C API, without their prefixes: `nm -D --undefined-only tfjs_binding.node`. */
const TFE = `ContextListDevices DeleteContext DeleteContextOptions DeleteOp DeleteTensorHandle Execute NewContext
  NewContextOptions NewOp NewTensorHandle OpAddInput OpSetAttrBool OpSetAttrBoolList OpSetAttrFloat OpSetAttrFloatList
  OpSetAttrInt OpSetAttrIntList OpSetAttrShape OpSetAttrString OpSetAttrType TensorHandleCopyToDevice TensorHandleDataType
  TensorHandleDim TensorHandleNumDims TensorHandleResolve`;
const TF = `AllocateTensor DataTypeSize DeleteBuffer DeleteDeviceList DeleteGraph DeleteSession DeleteSessionOptions
  DeleteStatus DeleteTensor DeviceListCount DeviceListName DeviceListType Dim GetCode GraphOperationByName
  LoadSessionFromSavedModel Message NewBuffer NewBufferFromString NewGraph NewSessionOptions NewStatus NewTensor NumDims
  SessionRun TensorByteSize TensorData TensorElementCount TensorType Version`;

/** And what our own additions call besides. */
const ADDED = `TensorBitcastFrom TensorMaybeMove`;

export const BINDING_SYMBOLS: readonly string[] = [
  ...TFE.split(/\s+/).map((name) => `TFE_${name}`),
  ...`${TF} ${ADDED}`.split(/\s+/).map((name) => `TF_${name}`),
];

/** Those of the binding that `nm -D --defined-only` of the libraries does not list. On macOS names begin with an underscore. */
export function missingSymbols(nm: string): string[] {
  const defined = new Set(
    Array.from(nm.matchAll(/ [A-TV-Z] _?(TFE?_\w+)/g), ([, name]) => name),
  );
  return BINDING_SYMBOLS.filter((name) => !defined.has(name));
}
