const half = (n) => n / 2;
export { half };
export default function (n) {
  return half(half(n));
}
