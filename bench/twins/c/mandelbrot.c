#include "twin.h"

static int escape_time(double cr, double ci, int limit) {
    double zr = 0.0, zi = 0.0;
    for (int n = 0; n < limit; n++) {
        double zr2 = zr * zr, zi2 = zi * zi;
        if (zr2 + zi2 > 4.0)
            return n;
        zi = 2.0 * zr * zi + ci;
        zr = zr2 - zi2 + cr;
    }
    return limit;
}

static void run(long scale) {
    long total = 0, inside = 0;
    for (long row = 0; row < scale; row++) {
        double ci = -1.25 + 2.5 * (double)row / (double)scale;
        for (long col = 0; col < scale; col++) {
            int n = escape_time(-2.0 + 2.5 * (double)col / (double)scale, ci, 200);
            total += n;
            inside += n == 200;
        }
    }
    sprintf(checksum, "(%ld, %ld)", total, inside);
}
