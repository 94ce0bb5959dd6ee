"""What the runner starts in each interpreter: runs one program several times and writes what it measured.

    python _child.py one  PROGRAM KIND SCALE OUT --least N --most N --budget SECONDS
    python _child.py many LIST OUT        (LIST: JSON [[id, path, kind, scale, runs], ...]; one JSON line a program)

It has to run on every interpreter that is compared, so it keeps to plain Python and to few imports, and it switches
Whipsnake or CinderX on itself when the environment asks for one and no start-up hook has done it.
"""

import json
import os
import sys
import time


def switch_on():
    """Turns the wanted JIT on; the name of what is on."""
    if os.environ.get("WHIPSNAKE", "0") == "1":
        import whipsnake

        if not whipsnake.is_enabled():
            whipsnake.enable()
        if not whipsnake.is_enabled():
            raise SystemExit("whipsnake did not switch on")
        return "whipsnake"
    if os.environ.get("BENCH_PRELUDE") == "cinderx":
        import cinderx.jit

        cinderx.jit.auto()
        return "cinderx"
    return ""


def load_module(path):
    """The `run` of a program file."""
    namespace = {"__name__": "bench_program", "__file__": path}
    # Dataclasses and pickling look a class's module up.
    module = type(sys)("bench_program")
    module.__dict__.update(namespace)
    sys.modules["bench_program"] = module
    with open(path, encoding="utf-8") as source:
        code = compile(source.read(), path, "exec")
    exec(code, module.__dict__)
    return module.run


def load_script(path):
    """A `run` that executes a script anew in a fresh namespace; its output is the checksum."""
    import io

    with open(path, encoding="utf-8") as source:
        code = compile(source.read(), path, "exec")

    def run(scale):
        saved = sys.argv, sys.stdout
        sys.argv = [path, str(scale)]
        sys.stdout = io.StringIO()
        try:
            exec(code, {"__name__": "__main__", "__file__": path})
            return sys.stdout.getvalue()
        finally:
            sys.argv, sys.stdout = saved

    return run


def load(path, kind):
    if kind == "module":
        return load_script(path)
    if kind == "pyperformance":
        import pyperf_shim

        return pyperf_shim.load(path)
    return load_module(path)


def peak_kib():
    """Peak resident memory of this process image. (ru_maxrss would carry the parent's over exec.)"""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def jit_report(which):
    if which != "whipsnake":
        return None
    import whipsnake

    return {"stats": whipsnake.stats(), "compiled": whipsnake.compiled()}


def one(path, kind, scale, out, least, most, budget):
    clock = time.perf_counter
    cpu_clock = time.process_time
    which = switch_on()
    result = {"jit": which}
    try:
        run = load(path, kind)
    except ImportError as missing:
        result["skip"] = str(missing)
        write(out, result)
        return
    result["before_cpu"] = cpu_clock()
    wall = []
    cpu = []
    checksum = None
    stable = True
    began = clock()
    while len(wall) <= least or (len(wall) <= most and clock() - began < budget):
        w = clock()
        c = cpu_clock()
        value = run(scale)
        cpu.append(cpu_clock() - c)
        wall.append(clock() - w)
        text = repr(value)
        if checksum is None:
            checksum = text
        elif text != checksum:
            stable = False
    result.update(checksum=checksum, stable=stable, wall=wall, cpu=cpu, peak_kib=peak_kib(), report=jit_report(which))
    write(out, result)


def many(listing, out):
    with open(listing) as f:
        programs = json.load(f)
    which = switch_on()
    with open(out, "w") as results:
        for name, path, kind, scale, runs in programs:
            results.write(json.dumps({"id": name, "started": True}) + "\n")
            results.flush()
            row = {"id": name}
            before = compiled_count(which)
            try:
                run = load(path, kind)
                row["checksums"] = [repr(run(scale)) for _ in range(runs)]
            except ImportError as missing:
                row["skip"] = str(missing)
            except Exception as problem:
                row["error"] = f"{type(problem).__name__}: {problem}"
            row["compiled"] = compiled_count(which) - before
            results.write(json.dumps(row) + "\n")
            results.flush()


def compiled_count(which):
    if which != "whipsnake":
        return 0
    import whipsnake

    stats = whipsnake.stats()
    return stats["functions_compiled"] + stats["loops_compiled"]


def write(out, result):
    with open(out, "w") as f:
        json.dump(result, f, default=str)


def main(argv):
    if argv[0] == "many":
        many(argv[1], argv[2])
        return
    options = dict(zip(argv[5::2], argv[6::2], strict=True))
    one(
        argv[1],
        argv[2],
        int(argv[3]),
        argv[4],
        int(options["--least"]),
        int(options["--most"]),
        float(options["--budget"]),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
