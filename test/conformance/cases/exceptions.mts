import { MPI } from "tsmpi";
import { isFalse, isTrue, throws } from "../check.mts";
import type { Suite } from "../suite.mts";

const OP = ["ERR_OP", "ERR_ARG"];
const INFO = ["ERR_INFO", "ERR_ARG"];
const COMM = ["ERR_COMM", "ERR_ARG"];
const KEYVAL = ["ERR_KEYVAL", "ERR_OTHER"];
const ERRHANDLER = ["ERR_ERRHANDLER", "ERR_ARG"];

const predefinedTypes = () => [
  MPI.BYTE,
  MPI.CHAR,
  MPI.SIGNED_CHAR,
  MPI.UNSIGNED_CHAR,
  MPI.SHORT,
  MPI.UNSIGNED_SHORT,
  MPI.INT,
  MPI.UNSIGNED,
  MPI.LONG,
  MPI.UNSIGNED_LONG,
  MPI.LONG_LONG,
  MPI.UNSIGNED_LONG_LONG,
  MPI.FLOAT,
  MPI.DOUBLE,
  MPI.INT8_T,
  MPI.UINT8_T,
  MPI.INT16_T,
  MPI.UINT16_T,
  MPI.INT32_T,
  MPI.UINT32_T,
  MPI.INT64_T,
  MPI.UINT64_T,
  MPI.FLOAT16,
  MPI.BFLOAT16,
];

const predefinedOps = () => [
  MPI.MAX,
  MPI.MIN,
  MPI.SUM,
  MPI.PROD,
  MPI.LAND,
  MPI.BAND,
  MPI.LOR,
  MPI.BOR,
  MPI.LXOR,
  MPI.BXOR,
  MPI.MAXLOC,
  MPI.MINLOC,
  MPI.REPLACE,
  MPI.NO_OP,
];

const withInfo = (
  body: (info: InstanceType<typeof MPI.Info>) => void,
): void => {
  const info = MPI.Info.Create();
  body(info);
  info.Free();
};

export const suites: readonly Suite[] = [
  {
    name: "TestExcDatatypeNull",
    cases: {
      "it cannot be duplicated": () => {
        throws(() => MPI.DATATYPE_NULL.Dup(), "ERR_TYPE");
      },
      "it cannot be committed": () => {
        throws(() => MPI.DATATYPE_NULL.Commit(), "ERR_TYPE");
      },
      "it cannot be freed": () => {
        throws(() => MPI.DATATYPE_NULL.Free(), "ERR_TYPE");
      },
    },
  },
  {
    name: "TestExcDatatype",
    cases: {
      "a predefined one cannot be freed": () => {
        for (const datatype of predefinedTypes()) {
          throws(() => datatype.Free(), "ERR_TYPE");
          isFalse(datatype.equals(MPI.DATATYPE_NULL));
        }
      },
      "it has no attribute of no key": () => {
        for (const datatype of predefinedTypes())
          throws(() => datatype.Get_attr(MPI.KEYVAL_INVALID), KEYVAL);
      },
    },
  },
  {
    name: "TestExcStatus",
    cases: {
      "it does not count elements of no type": () => {
        throws(() => new MPI.Status().Get_count(MPI.DATATYPE_NULL), "ERR_TYPE");
      },
      "it has no elements of no type": () => {
        throws(
          () => new MPI.Status().Get_elements(MPI.DATATYPE_NULL),
          "ERR_TYPE",
        );
      },
      "it takes no elements of no type": () => {
        throws(
          () => new MPI.Status().Set_elements(MPI.DATATYPE_NULL, 0),
          "ERR_TYPE",
        );
      },
    },
  },
  {
    name: "TestExcRequestNull",
    cases: {
      "it cannot be freed": () => {
        throws(() => MPI.REQUEST_NULL.Free(), "ERR_REQUEST");
      },
      "it cannot be cancelled": () => {
        throws(() => MPI.REQUEST_NULL.Cancel(), "ERR_REQUEST");
      },
    },
  },
  {
    name: "TestExcOpNull",
    cases: {
      "it cannot be freed": () => {
        throws(() => MPI.OP_NULL.Free(), OP);
      },
    },
  },
  {
    name: "TestExcOp",
    cases: {
      "a predefined one cannot be freed": () => {
        for (const op of predefinedOps()) {
          throws(() => op.Free(), OP);
          isFalse(op.equals(MPI.OP_NULL));
        }
      },
    },
  },
  {
    name: "TestExcInfoNull",
    cases: {
      "it is null": () => {
        isTrue(MPI.INFO_NULL.isNull);
      },
      "it cannot be freed": () => {
        throws(() => MPI.INFO_NULL.Free(), INFO);
      },
      "it cannot be duplicated": () => {
        throws(() => MPI.INFO_NULL.Dup(), INFO);
      },
      "it has no value to get": () => {
        throws(() => MPI.INFO_NULL.Get("key"), INFO);
      },
      "it takes no value": () => {
        throws(() => MPI.INFO_NULL.Set("key", "value"), INFO);
      },
      "it has no key to delete": () => {
        throws(() => MPI.INFO_NULL.Delete("key"), INFO);
      },
      "it has no number of keys": () => {
        throws(() => MPI.INFO_NULL.Get_nkeys(), INFO);
      },
      "it has no first key": () => {
        throws(() => MPI.INFO_NULL.Get_nthkey(0), INFO);
      },
    },
  },
  {
    name: "TestExcInfo",
    cases: {
      "a key that is not there cannot be deleted": () =>
        withInfo((info) => {
          throws(() => info.Delete("key"), "ERR_INFO_NOKEY");
        }),
      "an empty one has no first key": () =>
        withInfo((info) => {
          throws(() => info.Get_nthkey(0), ["ERR_INFO_KEY", "ERR_ARG"]);
        }),
    },
  },
  {
    name: "TestExcGroupNull",
    cases: {
      "it compares with nothing": () => {
        const { GROUP_NULL, GROUP_EMPTY, Group } = MPI;
        throws(() => Group.Compare(GROUP_NULL, GROUP_NULL), "ERR_GROUP");
        throws(() => Group.Compare(GROUP_NULL, GROUP_EMPTY), "ERR_GROUP");
        throws(() => Group.Compare(GROUP_EMPTY, GROUP_NULL), "ERR_GROUP");
      },
      "it has neither size nor rank": () => {
        throws(() => MPI.GROUP_NULL.Get_size(), "ERR_GROUP");
        throws(() => MPI.GROUP_NULL.Get_rank(), "ERR_GROUP");
      },
    },
  },
  {
    name: "TestExcCommNull",
    cases: {
      "it cannot be freed": () => {
        throws(() => MPI.COMM_NULL.Free(), "ERR_COMM");
      },
      "it compares with nothing": () => {
        const { COMM_NULL, COMM_SELF, COMM_WORLD, Comm } = MPI;
        throws(() => Comm.Compare(COMM_NULL, COMM_NULL), "ERR_COMM");
        throws(() => Comm.Compare(COMM_SELF, COMM_NULL), "ERR_COMM");
        throws(() => Comm.Compare(COMM_WORLD, COMM_NULL), "ERR_COMM");
        throws(() => Comm.Compare(COMM_NULL, COMM_SELF), "ERR_COMM");
        throws(() => Comm.Compare(COMM_NULL, COMM_WORLD), "ERR_COMM");
      },
      "it has nothing to tell": () => {
        const { COMM_NULL } = MPI;
        throws(() => COMM_NULL.Get_size(), "ERR_COMM");
        throws(() => COMM_NULL.Get_rank(), "ERR_COMM");
        throws(() => COMM_NULL.Is_inter(), "ERR_COMM");
        throws(() => COMM_NULL.Is_intra(), "ERR_COMM");
        throws(() => COMM_NULL.Get_group(), "ERR_COMM");
        throws(() => COMM_NULL.Get_topology(), "ERR_COMM");
      },
      "it cannot be disconnected": () => {
        throws(() => MPI.COMM_NULL.Disconnect(), "ERR_COMM");
      },
      "it has no attributes": () => {
        throws(() => MPI.COMM_NULL.Get_attr(MPI.TAG_UB), "ERR_COMM");
      },
      "it has no error handler": () => {
        throws(() => MPI.COMM_NULL.Get_errhandler(), COMM);
      },
      "it takes no error handler": () => {
        throws(
          () => MPI.COMM_NULL.Set_errhandler(MPI.ERRORS_RETURN),
          "ERR_COMM",
        );
      },
      "no other communicator is made of a null one": () => {
        const comm = new MPI.Intracomm();
        throws(() => comm.Dup(), "ERR_COMM");
        throws(() => comm.Create(MPI.GROUP_EMPTY), "ERR_COMM");
        throws(() => comm.Split({ color: 0, key: 0 }), "ERR_COMM");
      },
      "it carries no message and no collective": () => {
        const { COMM_NULL } = MPI;
        throws(() => COMM_NULL.send(1, 0), "ERR_COMM");
        throws(() => COMM_NULL.recv(0), "ERR_COMM");
        throws(() => COMM_NULL.bcast(1), "ERR_COMM");
        throws(() => COMM_NULL.Send(new Int32Array(1), 0), "ERR_COMM");
        throws(() => COMM_NULL.Bcast(new Int32Array(1)), "ERR_COMM");
        throws(() => COMM_NULL.barrier(), "ERR_COMM");
      },
    },
  },
  {
    name: "TestExcComm",
    cases: {
      "COMM_SELF cannot be freed": () => {
        throws(() => MPI.COMM_SELF.Free(), COMM);
      },
      "COMM_WORLD cannot be freed": () => {
        throws(() => MPI.COMM_WORLD.Free(), COMM);
      },
      "it has no attribute of no key": () => {
        throws(() => MPI.COMM_WORLD.Get_attr(MPI.KEYVAL_INVALID), KEYVAL);
      },
    },
  },
  {
    name: "TestExcErrhandlerNull",
    cases: {
      "it cannot be freed": () => {
        throws(() => MPI.ERRHANDLER_NULL.Free(), ERRHANDLER);
      },
      "COMM_SELF does not take it": () => {
        throws(
          () => MPI.COMM_SELF.Set_errhandler(MPI.ERRHANDLER_NULL),
          ERRHANDLER,
        );
      },
      "COMM_WORLD does not take it": () => {
        throws(
          () => MPI.COMM_WORLD.Set_errhandler(MPI.ERRHANDLER_NULL),
          ERRHANDLER,
        );
      },
    },
  },
];
