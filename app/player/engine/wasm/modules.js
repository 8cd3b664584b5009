// Kernels that are compiled already. A browser runs a new module slowly at first and makes faster code meanwhile: a turned
// knob that changes numbers alone finds that code.

/** @import { Parts } from "../parts.d.ts" */
import { KernelLayout } from "./layout.js";
import { kernelModule } from "./kernel.js";

/** @typedef {{ layout: KernelLayout, module: WebAssembly.Module }} CompiledKernel */

const MOST_KERNELS = 8;
/** The one used last is the last. @type {Map<string, CompiledKernel>} */
const kernels = new Map();

/** The kernel for these sizes and parts. @type {(sizes: number[], dimension: number, parts: Parts) => CompiledKernel} */
export function compiledKernel(sizes, dimension, parts) {
  const names = [parts.loss, parts.regulariser, parts.constraint, parts.rule].map((part) => part?.name ?? "");
  const key = JSON.stringify([sizes, dimension, names]);
  const kernel = kernels.get(key) ?? compiled(new KernelLayout(sizes, dimension, parts.rule.memories), parts);
  kernels.delete(key);
  kernels.set(key, kernel);
  if (kernels.size > MOST_KERNELS) kernels.delete([...kernels.keys()][0]);
  return kernel;
}

/** @type {(layout: KernelLayout, parts: Parts) => CompiledKernel} */
function compiled(layout, parts) {
  return { layout, module: new WebAssembly.Module(kernelModule(layout, parts)) };
}
