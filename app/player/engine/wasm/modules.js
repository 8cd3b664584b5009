// Modules that are compiled already. A browser runs a new module slowly at first and makes faster code meanwhile: a turned
// knob that changes numbers alone finds that code.

const MOST_MODULES = 8;
/** The one used last is the last. @type {Map<string, WebAssembly.Module>} */
const compiledModules = new Map();

/**
 * What a new instance of the module of this name exports; `write` gives the module's bytes, where it is not known yet.
 * @type {(name: string, write: () => Uint8Array<ArrayBuffer>) => WebAssembly.Exports}
 */
export function instanceOf(name, write) {
  const module = compiledModules.get(name) ?? new WebAssembly.Module(write());
  compiledModules.delete(name);
  compiledModules.set(name, module);
  if (compiledModules.size > MOST_MODULES) compiledModules.delete([...compiledModules.keys()][0]);
  const { exp, log, log1p } = Math;
  return new WebAssembly.Instance(module, { Math: { exp, log, log1p } }).exports;
}
