export declare const half: (n: number) => number;
export default function (n: number): number;
