#include "twin.h"

static double **make(long n, long seed) {
    double **m = malloc(sizeof(double *) * (size_t)n);
    for (long i = 0; i < n; i++) {
        m[i] = malloc(sizeof(double) * (size_t)n);
        for (long j = 0; j < n; j++)
            m[i][j] = (double)((i * seed + j) % 17) / 17.0;
    }
    return m;
}

static void drop(double **m, long n) {
    for (long i = 0; i < n; i++)
        free(m[i]);
    free(m);
}

static void run(long n) {
    double **a = make(n, 3), **b = make(n, 7), **c = make(n, 1);
    for (long i = 0; i < n; i++)
        for (long j = 0; j < n; j++) {
            double s = 0.0;
            for (long k = 0; k < n; k++)
                s += a[i][k] * b[k][j];
            c[i][j] = s;
        }
    double trace = 0.0;
    for (long i = 0; i < n; i++)
        trace += c[i][i];
    sprintf(checksum, "(%.17g, %.17g, %.17g)", trace, c[0][n - 1], c[n - 1][0]);
    drop(a, n);
    drop(b, n);
    drop(c, n);
}
