"""The same as main.rs with the process pool of CPython, in the way its documentation shows: `map`, a task for each item."""

import time
from concurrent.futures import ProcessPoolExecutor

WORKERS, SMALL, LARGE, SIZE = 4, 10_000, 200, 1_000_000


def small(n):
    return n + 1


def large(data):
    return data


def timed(work):
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def first():
    with ProcessPoolExecutor(WORKERS) as pool:
        assert pool.submit(small, 1).result() == 2


def best(work, times=3):
    return min(work() for _ in range(times))


def in_pool(items, body, key):
    with ProcessPoolExecutor(WORKERS) as pool:
        assert list(pool.map(small, range(WORKERS))) == [1, 2, 3, 4]
        return timed(lambda: [key(result) for result in pool.map(body, items)])


if __name__ == "__main__":

    def to_first():
        pool = ProcessPoolExecutor(WORKERS)
        time_taken = timed(lambda: pool.submit(small, 1).result())
        pool.shutdown()
        return time_taken

    data = [bytes((i * 31 + n) & 255 for i in range(256)) * (SIZE // 256) for n in range(LARGE)]
    firsts = best(to_first)
    smalls = best(lambda: in_pool(range(SMALL), small, int))
    larges = best(lambda: in_pool(data, large, len))
    import platform

    print(f"| CPython {platform.python_version()}, ProcessPoolExecutor | {firsts:.1f} ms | {smalls:.1f} ms | {larges:.1f} ms |")
