import { describeFormats } from "../../../test/data/formats/describe-formats";
import { FORMATS } from "./registry";

describeFormats(FORMATS, { records: 2000, flips: 300, cuts: 50 });
