import { spawn } from "node:child_process";
import { Fault } from "../fault.ts";

/** How a machine is started. */
export interface MachineOptions {
  readonly image: string;
  readonly memoryMb: number;
  /** Ports of this machine that lead into the image. */
  readonly forwards: readonly { readonly host: number; readonly guest: number }[];
  /** The file that comes beside the image; undefined: none. */
  readonly bootFile: string | undefined;
  /** What the role is told. */
  readonly commandLine: string;
}

/** What every server has had since 2013: random octets, and the instructions that ciphers are quick and even by. */
export const CPU = "qemu64,+nx,+rdrand,+aes,+pclmulqdq,+ssse3,+sse4.1";

/** The arguments of QEMU: a machine without PCI, BIOS or firmware, emulated, with user-mode network. Nothing needs root. */
export function qemuArguments(options: MachineOptions): readonly string[] {
  const forwards = options.forwards.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  return [
    ...["-M", "microvm,acpi=off", "-accel", "tcg", "-cpu", CPU, "-m", String(options.memoryMb)],
    ...["-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"],
    ...["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "virtio-rng-device"],
    ...["-netdev", `user,id=n0${forwards.join("")}`, "-device", "virtio-net-device,netdev=n0"],
    ...["-kernel", options.image, "-append", options.commandLine],
    ...(options.bootFile === undefined ? [] : ["-initrd", options.bootFile]),
  ];
}

/** Runs a machine until it ends or this process is told to; its console is our standard output. Throws `Fault` where it ended by itself. */
export function runMachine(options: MachineOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("qemu-system-x86_64", qemuArguments(options), { stdio: ["ignore", "inherit", "inherit"] });
    let told = false;
    const stop = (): void => {
      told = true;
      child.kill("SIGTERM");
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    child.on("error", () => reject(new Fault("qemu-system-x86_64 is not here; Debian's package is qemu-system-x86")));
    child.on("close", code => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      if (told) resolve();
      else reject(new Fault(`the machine ended (QEMU's status ${code})`));
    });
  });
}
