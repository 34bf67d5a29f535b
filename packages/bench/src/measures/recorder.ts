import type { Measure } from '../report/result.ts';
import type { Sample } from './sample.ts';
import { spreadOf, spreadOfKnown } from './spread.ts';

/** What is measured: its group and name identify it in this run and in later ones. */
export interface Subject {
  readonly group: string;
  readonly name: string;
  /** The number of rows that the work reads or moves. */
  readonly rows: number;
  /** The subject of the same group whose time is the floor of this one. */
  readonly floor?: string;
}

interface Recorded {
  readonly subject: Subject;
  readonly samples: Sample[];
}

/** Collects the samples of a run in the order in which the subjects first occur. */
export class Recorder {
  readonly #recorded = new Map<string, Recorded>();

  /** Adds the sample of one execution. */
  add(subject: Subject, sample: Sample): void {
    const key = keyOf(subject.group, subject.name);
    const recorded = this.#recorded.get(key) ?? { subject, samples: [] };
    recorded.samples.push(sample);
    this.#recorded.set(key, recorded);
  }

  /** Returns the medians and spreads of all subjects. */
  measures(): Measure[] {
    return [...this.#recorded.values()].map(({ subject, samples }) => {
      const { group, name, rows, floor } = subject;
      const seconds = samples.map((sample) => sample.seconds);
      return {
        group,
        name,
        rows,
        seconds: spreadOf(seconds),
        clientCpuSeconds: spreadOf(samples.map((sample) => sample.clientCpuSeconds)),
        serverCpuSeconds: spreadOfKnown(samples.map((sample) => sample.serverCpuSeconds)),
        peakMegabytes: spreadOfKnown(samples.map((sample) => sample.peakMegabytes)),
        ...(floor !== undefined && { floor, ...this.#againstFloor(group, floor, seconds) }),
      };
    });
  }

  // A work and its floor are measured in turn, so the two of a pair had the same load of the machine.
  #againstFloor(group: string, floor: string, seconds: readonly number[]) {
    const samples = this.#recorded.get(keyOf(group, floor))?.samples ?? [];
    if (samples.length === 0) throw new Error(`The floor '${floor}' of the group '${group}' was not measured.`);
    const floors = samples.map((sample) => sample.seconds);
    const { median } = spreadOf(floors);
    const floorOf = (run: number) => (floors.length === seconds.length ? floors[run]! : median);
    return {
      ratio: spreadOf(seconds.map((each, run) => each / floorOf(run))),
      secondsAboveFloor: spreadOf(seconds.map((each, run) => each - floorOf(run))),
    };
  }
}

const keyOf = (group: string, name: string) => `${group}: ${name}`;
