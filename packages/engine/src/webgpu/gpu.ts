/** What is used here of the npm package `webgpu`, which is optional and may be absent when this is compiled. */
export interface Dawn {
  readonly create: (flags: readonly string[]) => Gpu;
  /** What a browser has as globals. */
  readonly globals: {
    readonly GPUAdapter: { readonly prototype: Adapter };
    readonly GPUDevice: { readonly prototype: Device };
  };
}

export interface Gpu {
  requestAdapter(options: {
    readonly powerPreference: "high-performance";
  }): Promise<Adapter | null>;
}

export interface Adapter {
  readonly info: {
    readonly device: string;
    readonly description: string;
    /** It computes on the CPU. */
    readonly isFallbackAdapter: boolean;
  };
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: {
    readonly requiredFeatures: readonly string[];
    readonly requiredLimits: Readonly<Record<string, number>>;
  }): Promise<Device>;
}

export interface Device {
  createBuffer(descriptor: {
    readonly size: number;
    readonly usage: number;
  }): GpuBuffer;
}

export interface GpuBuffer {
  readonly size: number;
  readonly mapState: "unmapped" | "pending" | "mapped";
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

/** WebGPU's GPUBufferUsage and GPUMapMode. */
export const BUFFER_USAGE = { MAP_READ: 1, COPY_DST: 8 };
export const MAP_MODE = { READ: 1 };
