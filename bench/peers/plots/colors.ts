// Colours that colour-blind people can tell apart: Okabe and Ito, 2008.
export const BLUE = "#0072b2";
export const GREEN = "#009e73";
export const ORANGE = "#d55e00";
export const GREY = "#595959";
