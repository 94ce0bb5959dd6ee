"""Round-robin tasks with states, priorities and messages, in an abstract class tree."""

from abc import ABC, abstractmethod

SCALE = 410_000
SMALL_SCALE = 22_000


class Message:
    def __init__(self, sender, payload):
        self.sender = sender
        self.payload = payload


class Task(ABC):
    def __init__(self, name, priority):
        self.name = name
        self.priority = priority
        self.inbox = []
        self.ran = 0
        self.ready = True

    @abstractmethod
    def work(self, kernel):
        """One slice of work."""

    def receive(self, message):
        self.inbox.append(message)
        self.ready = True


class Producer(Task):
    def __init__(self, name, priority, target):
        super().__init__(name, priority)
        self.target = target
        self.next_value = 0

    def work(self, kernel):
        self.next_value = (self.next_value * 5 + 3) % 1009
        kernel.send(self, self.target, self.next_value)


class Worker(Task):
    def __init__(self, name, priority, target):
        super().__init__(name, priority)
        self.target = target
        self.total = 0

    def work(self, kernel):
        if not self.inbox:
            self.ready = False
            return
        message = self.inbox.pop()
        self.total += message.payload
        if message.payload % 3 == 0:
            kernel.send(self, self.target, message.payload // 3)


class Sink(Task):
    def __init__(self, name, priority):
        super().__init__(name, priority)
        self.seen = {}

    def work(self, kernel):
        while self.inbox:
            message = self.inbox.pop()
            sender = message.sender.name
            self.seen[sender] = self.seen.get(sender, 0) + message.payload
        self.ready = False


class Kernel:
    def __init__(self):
        self.tasks = {}
        self.sent = 0

    def add(self, task):
        self.tasks[task.name] = task

    def send(self, sender, name, payload):
        self.sent += 1
        self.tasks[name].receive(Message(sender, payload))

    def run(self, rounds):
        order = sorted(self.tasks.values(), key=lambda t: -t.priority)
        for _ in range(rounds):
            for task in order:
                if task.ready:
                    task.ran += 1
                    task.work(self)


def run(scale):
    kernel = Kernel()
    kernel.add(Sink("sink", 1))
    for i in range(3):
        kernel.add(Worker(f"worker{i}", 5 + i, "sink"))
        kernel.add(Producer(f"producer{i}", 9 - i, f"worker{i}"))
    kernel.run(scale)
    sink = kernel.tasks["sink"]
    return kernel.sent, sorted(sink.seen.items()), [t.ran for t in kernel.tasks.values()]
