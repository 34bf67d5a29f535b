import { executeCommand, type GlobalOptions, type Command as OurCommand, runProgram } from '@totesys/cli';
import { Argument, Command } from 'commander';
import { benchFreshness } from './bench-freshness.ts';
import { benchPeers } from './bench-peers.ts';
import { benchProof } from './bench-proof.ts';
import { benchStages } from './bench-stages.ts';
import { FLOORS, floorCommand } from './floors/floor-command.ts';
import { batchesCommand } from './measures/batches-command.ts';
import { proofCommand } from './measures/proof-command.ts';

/** Runs the `totesys-bench` command. */
export function main(): void {
  runProgram(
    ({ interrupted, setExitCode, writeUsage }) => {
      const program = new Command('totesys-bench')
        .description(
          'Measures each stage beside the floor: the time of Postgres alone for the same rows in the same run.',
        )
        .option('--json', 'end stdout with one JSON object')
        .configureOutput({ writeErr: writeUsage })
        .exitOverride();
      addStages(program, setExitCode);
      addPeers(program, setExitCode);
      addFreshness(program, setExitCode);
      addProof(program, setExitCode);
      const addInner = (name: string, description: string, run: OurCommand, args: readonly Argument[]) => {
        const command = program.command(name, { hidden: true }).description(description);
        for (const argument of args) command.addArgument(argument);
        command.action(async (...given: unknown[]) => {
          const self = given.at(-1) as Command;
          const options = self.optsWithGlobals<GlobalOptions>();
          const needs = name === 'floor' ? FLOOR_NEEDS : ALL_PLACES;
          setExitCode(await executeCommand({ needs, run }, { options, names: self.args, interrupted }));
        });
      };
      addInner('floor', 'measure one floor', floorCommand, [new Argument('<name>').choices(FLOORS)]);
      addInner('batches', 'make batches of some changes each', batchesCommand, [
        new Argument('<count>'),
        new Argument('<changes>'),
      ]);
      addInner('proof-once', 'run one proof, and count its requests', proofCommand, []);
      return program;
    },
    () => {},
  );
}

const FLOOR_NEEDS = ['source', 'warehouse'] as const;
const ALL_PLACES = ['source', 'warehouse', 'ingestion', 'processed'] as const;

function addStages(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('stages', { isDefault: true })
    .description('measure the first load, ticks and their growth (the default command)')
    .option('--rows <n>', 'the rows of all source tables', '2000000')
    .option('--loads <n>', 'how often the first load is measured', '1')
    .option('--repeats <n>', 'how often each tick and its scan are measured', '5')
    .option('--small-rows <n>', 'the rows of the smaller source, for growth (default: a tenth of --rows)')
    .option('--batches <n>', 'the most batches after which ticks are measured', '100');
  addOutput(command).action(async (_options, self: Command) => setExitCode(await benchStages(self.optsWithGlobals())));
}

function addPeers(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('peers')
    .description('install dlt, Sling, ingestr and DuckDB from PyPI, and measure them beside this product')
    .option('--rows <n>', 'the rows of all source tables', '1000000')
    .option('--loads <n>', 'how often each moves the tables', '1')
    .option('--limit-seconds <n>', 'the longest that one run may take', '600');
  addOutput(command).action(async (_options, self: Command) => setExitCode(await benchPeers(self.optsWithGlobals())));
}

function addFreshness(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('freshness')
    .description('measure the time from a commit in the source until the warehouse shows it, beside Debezium and dlt')
    .option('--rows <n>', 'the rows of all source tables', '1000000')
    .option('--rate <n>', 'the operations of the source in each second', '300')
    .option('--seconds <n>', 'how long each tool is measured', '600')
    .option('--hints <mode>', 'measure the product also with change hints, in this mode', 'off')
    .option('--peers <names>', 'the other tools to measure: debezium, dlt', 'debezium,dlt')
    .option('--start-seconds <n>', 'the longest that a tool may take until it follows the source', '180')
    .option('--drain-seconds <n>', 'the longest that the last operations may take to arrive', '60');
  addOutput(command).action(async (_options, self: Command) =>
    setExitCode(await benchFreshness(self.optsWithGlobals())),
  );
}

function addProof(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('proof')
    .description('measure the cost of the hourly proof: time, CPU, memory, rows read and requests')
    .option('--rows <list>', 'the rows of all source tables, one size after another', '50000,2000000,8000000')
    .option('--repeats <n>', 'how often each proof is measured', '3');
  addOutput(command).action(async (_options, self: Command) => setExitCode(await benchProof(self.optsWithGlobals())));
}

function addOutput(command: Command): Command {
  return command
    .option('--out <folder>', 'the folder for the JSON and the plot (default: build/bench)')
    .option('--compare <file>', 'print the ratios of an earlier JSON before those of this run');
}
