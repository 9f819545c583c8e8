import { open, report } from "parascope";

// The sample beside this file was written by PyTorch: a whole module with a tied pair and a frozen parameter.
const catalog = await open(new URL("sample.pt", import.meta.url));
const { entries, totals } = report(catalog);

for (const { name, shape, requiresGrad } of entries.toSorted((a, b) => b.numel - a.numel).slice(0, 3)) {
  console.log(name, shape, requiresGrad ? "trained" : "frozen");
}
console.log(`${totals.trainable} of ${totals.parameters} parameters are trained`);

const temperature = entries.find((entry) => entry.name === "temperature")!;
const bytes = await catalog.read(temperature);
console.log("temperature is", new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true));
await catalog.close();
