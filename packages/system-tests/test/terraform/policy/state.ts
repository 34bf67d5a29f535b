/** A resource of a state, as `terraform show -json` prints it. */
export interface Resource {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a resource has depends on its type.
  readonly values: Record<string, any>;
}

interface Module {
  readonly resources?: readonly Resource[];
  readonly child_modules?: readonly Module[];
}

/** A state as `terraform show -json` prints it, as far as the policy reads it. */
export interface State {
  readonly values: {
    readonly outputs: Readonly<Record<string, { readonly value: unknown }>>;
    readonly root_module: Module;
  };
}

/** What is wrong with a state: the rule that is broken, and where. */
export interface Fault {
  readonly rule: string;
  readonly where: string;
}

/** One statement of a policy, with lists where a single one may stand for itself. */
export interface Statement {
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The managed resources of a type, of all modules. */
export function resourcesOf(state: State, type: string): Resource[] {
  return [...walk(state.values.root_module)].filter(
    (resource) => resource.mode === 'managed' && resource.type === type,
  );
}

/** The managed resources, of all modules. */
export function managedResources(state: State): Resource[] {
  return [...walk(state.values.root_module)].filter(({ mode }) => mode === 'managed');
}

/** The statements of a policy's JSON. */
export function statementsOf(policy: string): Statement[] {
  const list = <Value>(value: Value | Value[] | undefined) => (value === undefined ? [] : ([value].flat() as Value[]));
  return list<Record<string, never>>(JSON.parse(policy).Statement).map((statement) => ({
    sid: statement.Sid ?? '',
    effect: statement.Effect ?? '',
    actions: list<string>(statement.Action),
    resources: list<string>(statement.Resource),
    condition: statement.Condition ?? {},
  }));
}

function* walk(module: Module): Generator<Resource> {
  yield* module.resources ?? [];
  for (const child of module.child_modules ?? []) yield* walk(child);
}
