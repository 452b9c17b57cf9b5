const minus = (n: number): number => n - 1;
export = { minus };
