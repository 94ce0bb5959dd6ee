#include "twin.h"

static void run(long scale) {
    long best = 0, best_start = 1, total = 0;
    for (long start = 1; start < scale; start++) {
        long steps = 0;
        for (int64_t n = start; n != 1; steps++)
            n = n % 2 == 0 ? n / 2 : 3 * n + 1;
        total += steps;
        if (steps > best) {
            best = steps;
            best_start = start;
        }
    }
    sprintf(checksum, "(%ld, %ld, %ld)", best_start, best, total);
}
