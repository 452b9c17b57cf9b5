import {
  ArgumentError,
  CommunicatorError,
  type TsmpiError,
} from "@tsmpi/protocol";
import {
  AttributeTable,
  createKeyval,
  freeKeyval,
  predefinedAttribute,
} from "../attributes";
import { UNDEFINED } from "../constants";
import {
  Errhandler,
  type ErrhandlerFunction,
  ERRORS_RETURN,
} from "../errhandler";
import type { Group } from "../group";
import { isConstant } from "../handle";
import { Info, INFO_NULL } from "../info";
import { FaultTolerance } from "./fault-tolerance";

/** What a communicator is besides its calls: a name, hints, attributes, a group, an end. */
export abstract class CommunicatorObject extends FaultTolerance {
  #name = "";
  #info: Info = Info.Create();
  readonly #attributes = new AttributeTable<CommunicatorObject>(
    this,
    (keyval) =>
      predefinedAttribute(keyval, {
        worldSize: this.state.runtime.environment.size,
      }),
  );
  #errhandler: Errhandler = ERRORS_RETURN;

  /** Its ranks, in order. */
  Get_group(): Group {
    return this.groupOf(this.state.group);
  }
  get group(): Group {
    return this.Get_group();
  }

  /** There are no intercommunicators yet. */
  Is_inter(): boolean {
    void this.state;
    return false;
  }
  get is_inter(): boolean {
    return this.Is_inter();
  }
  Is_intra(): boolean {
    return !this.Is_inter();
  }
  get is_intra(): boolean {
    return this.Is_intra();
  }
  /** CART, GRAPH, DIST_GRAPH, or UNDEFINED for none. */
  Get_topology(): number {
    void this.state;
    return UNDEFINED;
  }
  get topology(): number {
    return this.Get_topology();
  }
  get is_topo(): boolean {
    return !this.isNull && this.topology !== UNDEFINED;
  }

  Get_name(): string {
    return this.isNull ? "MPI_COMM_NULL" : this.#name;
  }
  Set_name(name: string): void {
    void this.state;
    if (typeof name !== "string")
      throw new ArgumentError(`a name is a string, not ${typeof name}`);
    this.#name = name;
  }
  get name(): string {
    return this.Get_name();
  }
  set name(name: string) {
    this.Set_name(name);
  }

  /** Hints; a copy. */
  Get_info(): Info {
    void this.state;
    return this.#info.Dup();
  }
  Set_info(info: Info): void {
    void this.state;
    this.#info = info.isNull ? Info.Create() : info.Dup();
  }
  get info(): Info {
    return this.Get_info();
  }
  set info(info: Info) {
    this.Set_info(info);
  }

  /** The attribute's value, null if it has none. */
  Get_attr(keyval: number): unknown {
    void this.state;
    return this.#attributes.get(keyval);
  }
  Set_attr(keyval: number, attrval: unknown): void {
    void this.state;
    this.#attributes.set(keyval, attrval);
  }
  Delete_attr(keyval: number): void {
    void this.state;
    this.#attributes.delete(keyval);
  }
  static Create_keyval = createKeyval<CommunicatorObject>;
  static Free_keyval = freeKeyval;

  /** What happens when a call of this communicator has failed, before its error is thrown. */
  Get_errhandler(): Errhandler {
    void this.state;
    return new Errhandler(this.#errhandler);
  }
  /** @throws {ArgumentError} ERRHANDLER_NULL */
  Set_errhandler(errhandler: Errhandler): void {
    void this.state;
    if (errhandler.isNull)
      throw new ArgumentError("a communicator needs an error handler");
    this.#errhandler = new Errhandler(errhandler);
  }
  Call_errhandler(errorcode: number): void {
    void this.state;
    this.#errhandler.invoke(this, errorcode, (code) => this.Abort(code));
  }
  static Create_errhandler(
    fn: ErrhandlerFunction<CommunicatorObject>,
  ): Errhandler {
    return Errhandler.create(fn);
  }

  /** @internal A call has failed. */
  onError(error: TsmpiError): void {
    if (!this.isNull) this.Call_errhandler(error.Get_error_code());
  }

  /**
   * Gives the communicator up, on every rank: from now on it is COMM_NULL.
   *
   * @throws {CommunicatorError} COMM_WORLD and COMM_SELF stay
   */
  Free(): void {
    const { runtime, context, segment } = this.state;
    runtime.assertUsable();
    if (this.state.isPredefined)
      throw new CommunicatorError(`${this.name} cannot be freed`);
    this.#attributes.deleteAll();
    runtime.messages.free(context);
    const { pending } = runtime.begin("free", { context }, () => undefined);
    // Until then the communication thread may write into its memory.
    pending.listen(() => segment?.free(), { keepsAlive: false });
    this.forgetState();
  }
  /** Makes this handle null; constants stay. */
  free(): void {
    if (this.isNull || isConstant(this)) return;
    if (this.state.isPredefined) this.forgetState();
    else this.Free();
  }
  Disconnect(): void {
    this.Free();
  }

  /** Ends the whole job: this rank exits with `code`, and the launcher ends the others. */
  Abort(code = 1): never {
    process.exit(code);
  }

  /** @internal What a duplicate has of its original. */
  inherit(original: CommunicatorObject, info: Info | null): void {
    this.#info = (
      info === null || info === INFO_NULL ? original.#info : info
    ).Dup();
    this.#errhandler = original.#errhandler;
    original.#attributes.copyTo(this.#attributes);
  }
}
