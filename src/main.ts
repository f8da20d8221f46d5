#!/usr/bin/env node
/**
 * The process entry: hands the command line to `cli/program.ts`.
 * @module
 */
import { program } from './cli/program.ts'

await program(process.env).parseAsync()
