/**
 * What must compile and what must not: names of parameters, buffers and modules. Checked by `npm run typecheck`; the
 * file is run, too, so that what compiles is seen to be right.
 */

import {
  Buffer,
  Identity,
  Linear,
  Module,
  ModuleDict,
  ModuleList,
  Parameter,
  ParameterDict,
  ParameterList,
  Sequential,
} from "../../src/nn/index.ts";
import type { BufferPath, ModulePath, ParameterPath } from "../../src/nn/index.ts";
import { ones, zeros } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** Holds if two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile unless the type is `true`. */
function holds<Claim extends true>(..._claim: Claim[]): void {}

class Scale extends Module {
  factor = new Parameter(ones(3));
  steps = new Buffer(zeros(1));
  hidden = 20;
  override forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

class Net extends Module {
  linear1 = new Linear(10, 20);
  body = new Sequential(new Linear(20, 3), new Identity(), new Sequential(new Linear(3, 3), new Scale()));
  scale = new Parameter(ones(1));
  maybe: Parameter | null = null;
  mean = new Buffer(zeros(3));
  layers = new ModuleList([new Linear(3, 3), new Linear(3, 3)]);
  heads = new ModuleDict({ left: new Linear(3, 1), right: new Scale() });
  values = new ParameterList([ones(2), ones(3)]);
  named = new ParameterDict({ alpha: ones(2) });
  anything: Module = new Identity();
  hidden = 20;
  override forward(x: Tensor): Tensor {
    return this.body(this.linear1(x));
  }
}

/** Everything that is to hold of the types, with real values. */
export function checkNames(): void {
  const net = new Net();
  const y: Tensor = net(ones(1, 10));
  void y;
  // @ts-expect-error forward takes a tensor
  void (() => net(3));
  // @ts-expect-error forward takes one argument
  void (() => net(ones(1, 10), 3));

  net.getParameter("linear1.weight");
  net.getParameter("body.0.weight");
  net.getParameter("body.2.0.bias");
  net.getParameter("body.2.1.factor");
  net.getParameter("scale");
  net.getParameter("layers.1.weight");
  net.getParameter("heads.left.bias");
  net.getParameter("heads.right.factor");
  net.getParameter("values.0");
  net.getParameter("named.alpha");
  net.getBuffer("mean");
  net.getBuffer("body.2.1.steps");
  net.getBuffer("heads.right.steps");
  void (() => net.getParameter("maybe"));
  // What is only known to be a module may hold anything.
  void (() => net.getParameter("anything.goes.here"));

  // @ts-expect-error misspelt
  void (() => net.getParameter("body.0.wieght"));
  // @ts-expect-error no parameter but a number
  void (() => net.getParameter("hidden"));
  // @ts-expect-error a buffer
  void (() => net.getParameter("mean"));
  // @ts-expect-error a module
  void (() => net.getParameter("linear1"));
  // @ts-expect-error of the class, not of the network
  void (() => net.getParameter("training"));
  // @ts-expect-error Identity has none
  void (() => net.getParameter("body.1.weight"));
  // @ts-expect-error no such position
  void (() => net.getParameter("body.3.weight"));
  // @ts-expect-error no such position
  void (() => net.getParameter("layers.2.weight"));
  // @ts-expect-error no such key
  void (() => net.getParameter("heads.middle.bias"));
  // @ts-expect-error a parameter
  void (() => net.getBuffer("scale"));
  // @ts-expect-error misspelt
  void (() => net.getSubmodule("body.5"));

  const name: string = "scale";
  net.getParameter(name);
  net.getBuffer(`mea${"n" as string}`);
  for (const k of [0, 1]) net.getParameter(`layers.${k}.weight`);
  // @ts-expect-error no name begins like this
  void (() => net.getParameter(`layer.${0 as number}.weight`));
  net.getSubmodule(name === "" ? name : "body");

  const inner: Linear = net.getSubmodule("body.2.0");
  const scale: Scale = net.getSubmodule("heads.right");
  const itself: Net = net.getSubmodule("");
  const some: Module = net.getSubmodule("layers" as string);
  void [inner, scale, itself, some];

  const model = new Sequential(new Linear(10, 20), new Identity(), new Linear(20, 5));
  const weight: Parameter = model[0].weight;
  const last: number = model[2].outFeatures;
  void [weight, last];
  // @ts-expect-error Identity has none
  void (() => model[1].weight);
  // @ts-expect-error no such position
  void (() => model[3].outFeatures);

  const byName = new Sequential({ first: new Linear(2, 3), second: new Scale() });
  const first: Linear = byName.first;
  const second: Scale = byName.getSubmodule("second");
  byName.getParameter("first.weight");
  // @ts-expect-error misspelt
  void (() => byName.getParameter("frist.weight"));
  void [first, second];

  const left: Linear = net.heads.left;
  const right: Scale = net.heads.get("right");
  const alpha: Parameter = net.named.alpha;
  const one: Parameter | undefined = net.values[0];
  void [left, right, alpha, one];

  for (const [parameterName, parameter] of net.namedParameters()) {
    const text: string = parameterName;
    const tensor: Parameter = parameter;
    // @ts-expect-error no parameter has this name
    void (() => parameterName === "linear1.wieght");
    void [text, tensor];
  }
  const map = new Map(net.namedParameters());
  map.get("linear1.bias");
  // @ts-expect-error misspelt
  void (() => map.get("linear1.bais"));
  const loose = new Map<string, Parameter>(net.namedParameters());
  loose.get("anything");
  const names: string[] = [...net.namedParameters({ prefix: "net" })].map(([one]) => one);
  void names;

  // A loop over modules of any class has to compile.
  let x = ones(1, 3);
  for (const layer of net.layers) x = layer(x);
  for (const child of [new Linear(3, 3), new Identity()] as Module[]) x = child(x) as Tensor;

  // @ts-expect-error a tensor is no parameter
  void (() => (net.scale = ones(1)));
  // @ts-expect-error a module is no parameter
  void (() => (net.scale = new Linear(1, 1)));
  // @ts-expect-error a tensor is no buffer
  void (() => (net.mean = ones(1)));
  // @ts-expect-error null is not allowed here
  void (() => (net.linear1 = null));
  net.maybe = null;
  // @ts-expect-error an option that is none
  void (() => new Linear(1, 2, { biass: false }));

  holds<Same<ParameterPath<Scale>, "factor">>();
  holds<Same<BufferPath<Scale>, "steps">>();
  holds<Same<ModulePath<Scale>, "">>();
  holds<Same<ParameterPath<Linear>, "weight" | "bias">>();
  holds<Same<ParameterPath<Identity>, never>>();
  holds<Same<ParameterPath<Module>, string>>();
}

/** A network of which nothing is known takes any name; one inside a class does, too. */
export function anyNetwork(module: Module, name: string): Parameter {
  void (() => module.getParameter("whatever"));
  for (const [parameterName] of module.namedParameters()) void parameterName.startsWith("a");
  return module.getParameter(name);
}

/** Names pass as strings where the class is not complete yet, that is, through `this`. */
export class Base extends Module {
  weight: Parameter = new Parameter(ones(1));

  ownWeight(): Parameter {
    for (const [name] of this.namedParameters()) void name.startsWith("w");
    const path: string = "weight";
    return this.getParameter(path);
  }

  /** Checked, as \`Base\` is a class like any other here. */
  checkedWeight(): Parameter {
    // @ts-expect-error misspelt
    void (() => (this as Base).getParameter("wieght"));
    return (this as Base).getParameter("weight");
  }
}

/** Containers have subclasses. */
export class Classifier extends Sequential {
  extra: Parameter = new Parameter(ones(1));

  constructor() {
    super(new Linear(2, 3), new Identity());
  }
}

/** A subclass that says what it holds is typed by position. */
export class Typed extends Sequential<[Linear, Identity]> {
  constructor() {
    super(new Linear(2, 3), new Identity());
  }

  first(): Parameter {
    return this[0].weight;
  }
}

/** Lists, too. */
export class Layers extends ModuleList<readonly Linear[]> {}

/** A field may say only that it holds a container, whatever is in it. */
export class Loose extends Module {
  numbered: Sequential = new Sequential(new Linear(2, 3), new Identity());
  named: Sequential = new Sequential({ first: new Linear(2, 3) });
  list: ModuleList = new ModuleList([new Linear(2, 3), new Scale()]);
  dict: ModuleDict = new ModuleDict({ left: new Linear(2, 3) });
  scales: ParameterList = new ParameterList([ones(1)]);

  firstOf(container: Sequential = new Sequential(new Linear(2, 3))): Module {
    // @ts-expect-error an empty one has none
    void (() => container[0].training);
    return container.at(0);
  }
}
