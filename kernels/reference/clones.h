/* LW_CLONES before a function: the compiler makes one version of it for each of several instruction
 * sets, and the program takes the best that this processor has when it starts. So one program runs
 * everywhere and is fast where it can be. x86-64-v3 has 8-lane vectors and fused multiply-add
 * (2013 on), v4 has twice as many vector registers. On other machines the macro is empty.
 *
 * The choice is made before main (), where sanitizers are not ready yet: empty with them too. */
#pragma once

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__OPTIMIZE__) &&    \
    !defined(__clang__) && __GNUC__ >= 12 && !defined(__SANITIZE_ADDRESS__) &&                     \
    !defined(__SANITIZE_THREAD__)
#define LW_CLONES __attribute__ ((target_clones ("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LW_CLONES
#endif
