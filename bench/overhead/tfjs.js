/** TensorFlow.js, with the backend that the first argument names. */

import * as tf from "@tensorflow/tfjs";
import { filled, takeTurns } from "./turns.js";

tf.env().set("PROD", true);
await tf.setBackend(process.argv[2] ?? "cpu");
await tf.ready();

const cases = {};
for (const count of [1, 64, 4096]) {
  const [a, b] = [tf.tensor1d(filled(count)), tf.tensor1d(filled(count))];
  const side = Math.round(Math.sqrt(count));
  const m = tf.tensor2d(filled(count), [side, side]);
  cases[`add ${count}`] = () => tf.add(a, b).dispose();
  cases[`mul ${count}`] = () => tf.mul(a, b).dispose();
  cases[`mm ${count}`] = () => tf.matMul(m, m).dispose();
  cases[`relu ${count}`] = () => tf.relu(a).dispose();
  cases[`sum ${count}`] = () => tf.sum(a).dispose();
}

const x = tf.tensor2d(filled(10), [1, 10]);
const target = tf.zeros([1, 5]);
const parameter = (...shape) => tf.variable(tf.tensor(filled(shape.reduce((p, n) => p * n, 1)), shape));
const [w1, b1, w2, b2] = [parameter(10, 20), parameter(20), parameter(20, 5), parameter(5)];
cases["step 10-20-5"] = () => {
  const { value, grads } = tf.variableGrads(() => {
    const h = tf.relu(tf.add(tf.matMul(x, w1), b1));
    return tf.sum(tf.square(tf.sub(tf.add(tf.matMul(h, w2), b2), target)));
  });
  value.dispose();
  for (const name in grads) grads[name].dispose();
};
await takeTurns(cases);
