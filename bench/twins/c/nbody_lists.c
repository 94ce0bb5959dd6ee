#include "twin.h"

#define N 5

static double energy(double b[N][7]) {
    double e = 0.0;
    for (int i = 0; i < N; i++) {
        e += 0.5 * b[i][6] * (b[i][3] * b[i][3] + b[i][4] * b[i][4] + b[i][5] * b[i][5]);
        for (int j = i + 1; j < N; j++) {
            double dx = b[i][0] - b[j][0], dy = b[i][1] - b[j][1], dz = b[i][2] - b[j][2];
            e -= b[i][6] * b[j][6] / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

static void advance(double b[N][7], double dt) {
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++) {
            double dx = b[i][0] - b[j][0], dy = b[i][1] - b[j][1], dz = b[i][2] - b[j][2];
            double mag = dt / pow(dx * dx + dy * dy + dz * dz, 1.5);
            double ma = b[i][6] * mag, mb = b[j][6] * mag;
            b[i][3] -= dx * mb;
            b[i][4] -= dy * mb;
            b[i][5] -= dz * mb;
            b[j][3] += dx * ma;
            b[j][4] += dy * ma;
            b[j][5] += dz * ma;
        }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            b[i][k] += dt * b[i][3 + k];
}

static void run(long scale) {
    double b[N][7] = {
        {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.5},         {4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.038},
        {8.3, 4.1, -0.4, -1.0, 1.8, 0.008, 0.011},    {12.9, -15.1, -0.2, 1.1, 0.9, -0.011, 0.0017},
        {15.4, -25.9, 0.2, 1.0, 0.6, -0.035, 0.002},
    };
    double before = energy(b);
    for (long i = 0; i < scale; i++)
        advance(b, 0.001);
    sprintf(checksum, "(%.17g, %.17g)", before, energy(b));
}
