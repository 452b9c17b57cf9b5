import { describeFormats } from "../../../test/data/formats/describe-formats";
import { FORMATS } from "./registry";

describeFormats(FORMATS, { records: 100_000, flips: 20_000, cuts: 2000 });
