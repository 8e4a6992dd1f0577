export * as DreamMachine from "./DreamMachine.ts"
export * as DreamMachineRequest from "./DreamMachineRequest.ts"
export * as Luma from "./Luma.ts"
export * as LumaRequest from "./LumaRequest.ts"
