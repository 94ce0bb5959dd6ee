/* What every C twin shares: it is started like bench/_child.py and writes the same measurements.
 *
 * A twin defines `void run(long scale)`, which leaves its checksum in `checksum` as Python would write it. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char checksum[512];
static void run(long scale);

static double now(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static long peak_kib(void) {
    char line[256];
    long peak = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &peak) == 1)
            break;
    if (f)
        fclose(f);
    return peak;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: twin SCALE OUT LEAST MOST BUDGET\n");
        return 2;
    }
    long scale = atol(argv[1]);
    int least = atoi(argv[3]), most = atoi(argv[4]);
    double budget = atof(argv[5]);
    double *wall = malloc(sizeof(double) * (size_t)(most + 2));
    double *cpu = malloc(sizeof(double) * (size_t)(most + 2));
    double before = now(CLOCK_PROCESS_CPUTIME_ID), began = now(CLOCK_MONOTONIC);
    int n = 0;
    while (n <= least || (n <= most && now(CLOCK_MONOTONIC) - began < budget)) {
        double w = now(CLOCK_MONOTONIC), c = now(CLOCK_PROCESS_CPUTIME_ID);
        run(scale);
        cpu[n] = now(CLOCK_PROCESS_CPUTIME_ID) - c;
        wall[n] = now(CLOCK_MONOTONIC) - w;
        n++;
    }
    FILE *out = fopen(argv[2], "w");
    if (!out)
        return 1;
    fprintf(out, "{\"jit\": \"c\", \"before_cpu\": %.9f, \"stable\": true, \"peak_kib\": %ld, \"report\": null, ", before,
            peak_kib());
    fprintf(out, "\"checksum\": \"%s\", \"wall\": [", checksum);
    for (int i = 0; i < n; i++)
        fprintf(out, "%s%.9f", i ? ", " : "", wall[i]);
    fprintf(out, "], \"cpu\": [");
    for (int i = 0; i < n; i++)
        fprintf(out, "%s%.9f", i ? ", " : "", cpu[i]);
    fprintf(out, "]}\n");
    fclose(out);
    free(wall);
    free(cpu);
    return 0;
}
