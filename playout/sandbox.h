/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandbox - what a process that reads an officer's bytes may still do: use
 * the descriptors it has, memory up to a limit, and time. It can open
 * nothing, connect to nothing and start nothing, whatever the bytes talk it
 * into.
 *
 * Four walls: resource limits (setrlimit(2)); no new privileges (prctl(2));
 * Landlock without any rule, where the kernel has it; a seccomp list of
 * system calls, where open and openat answer ENOENT and everything else that
 * is not on the list ends the process with SIGSYS.
 */
#ifndef PLAYOUT_SANDBOX_H
#define PLAYOUT_SANDBOX_H

#define SANDBOX_MEMORY_MB 256 /* of addresses: decoders need about 30 */

/*
 * Shuts the calling process in, for good. Open descriptors stay; cpu_s is the
 * processor time it may still use, in seconds. 0, or a negative errno: then
 * it is half shut in and should end. Missing Landlock is no failure.
 */
int sandbox_enter(long cpu_s);

#define SANDBOX_PROGRAM_MB 640 /* of addresses: its libraries alone take 280 */

/*
 * The same for a process that is about to execve(2) `program`, which decodes
 * what it has as descriptor 0. It may load itself and the system's libraries,
 * and open descriptor 0 once more (/proc/self/fd/0, to seek in it); it can
 * read no other file (where the kernel has Landlock), write none, have no
 * threads or children, and SANDBOX_MEMORY_MB of memory.
 */
int sandbox_enter_program(const char *program, long cpu_s);

#endif
