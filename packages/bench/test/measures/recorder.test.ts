import { Recorder } from '../../src/measures/recorder.ts';
import { addSamples, type Sample } from '../../src/measures/sample.ts';

const sample = (seconds: number, others: Partial<Sample> = {}): Sample => ({
  seconds,
  clientCpuSeconds: 1,
  serverCpuSeconds: 2,
  peakMegabytes: 100,
  ...others,
});
const subject = { group: 'ticks', rows: 10 };

test('a work is compared with the floor that was measured in the same round', () => {
  const recorder = new Recorder();
  for (const [floor, work] of [
    [1, 2],
    [4, 4],
    [2, 6],
  ] as const) {
    recorder.add({ ...subject, name: 'floor' }, sample(floor));
    recorder.add({ ...subject, name: 'run', floor: 'floor' }, sample(work));
  }
  const measures = recorder.measures();
  expect(measures[0]).not.toHaveProperty('ratio');
  expect(measures).toMatchObject([
    { name: 'floor', seconds: { median: 2 } },
    {
      name: 'run',
      seconds: { median: 4, runs: 3 },
      ratio: { median: 2, least: 1, most: 3 },
      secondsAboveFloor: { median: 1, least: 0, most: 4 },
    },
  ]);
});

test('another number of runs is compared with the median of the floor', () => {
  const recorder = new Recorder();
  for (const seconds of [1, 2, 9]) recorder.add({ ...subject, name: 'floor' }, sample(seconds));
  recorder.add({ ...subject, name: 'run', floor: 'floor' }, sample(3));
  expect(recorder.measures()[1]).toMatchObject({ ratio: { median: 1.5 } });
});

test('a floor of another group does not count', () => {
  const recorder = new Recorder();
  recorder.add({ ...subject, group: 'other', name: 'floor' }, sample(1));
  recorder.add({ ...subject, name: 'run', floor: 'floor' }, sample(3));
  expect(() => recorder.measures()).toThrow("The floor 'floor' of the group 'ticks' was not measured.");
});

test('processes one after another add up, but their memory does not', () => {
  expect(addSamples([sample(1, { peakMegabytes: 300 }), sample(2)])).toEqual({
    seconds: 3,
    clientCpuSeconds: 2,
    serverCpuSeconds: 4,
    peakMegabytes: 300,
  });
  expect(addSamples([sample(1, { serverCpuSeconds: undefined }), sample(2)]).serverCpuSeconds).toBeUndefined();
});
