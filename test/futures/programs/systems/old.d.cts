declare const old: { readonly plus: (n: number) => number };
export = old;
