"""A discrete-event simulation of a shop: heap of events, customers, queues."""

import heapq
from collections import deque

SCALE = 95_000
SMALL_SCALE = 5700


class Event:
    def __init__(self, time, order, action, subject):
        self.time = time
        self.order = order
        self.action = action
        self.subject = subject

    def __lt__(self, other):
        return (self.time, self.order) < (other.time, other.order)


class Customer:
    def __init__(self, number, arrival):
        self.number = number
        self.arrival = arrival
        self.served_at = None


class Shop:
    def __init__(self, tills):
        self.free = tills
        self.queue = deque()
        self.events = []
        self.order = 0
        self.now = 0
        self.waits = []
        self.longest = 0
        self.state = 42

    def draw(self, low, high):
        self.state = (self.state * 16807) % 2147483647
        return low + self.state % (high - low)

    def schedule(self, delay, action, subject):
        self.order += 1
        heapq.heappush(self.events, Event(self.now + delay, self.order, action, subject))

    def arrive(self, customer):
        self.queue.append(customer)
        self.longest = max(self.longest, len(self.queue))
        self.serve()

    def leave(self, customer):
        self.free += 1
        self.waits.append(customer.served_at - customer.arrival)
        self.serve()

    def serve(self):
        while self.free and self.queue:
            self.free -= 1
            customer = self.queue.popleft()
            customer.served_at = self.now
            self.schedule(self.draw(20, 60), self.leave, customer)

    def run(self, customers):
        at = 0
        for n in range(customers):
            at += self.draw(1, 20)
            self.schedule(at, self.arrive, Customer(n, at))
        while self.events:
            event = heapq.heappop(self.events)
            self.now = event.time
            event.action(event.subject)


def run(scale):
    shop = Shop(4)
    shop.run(scale)
    return sum(shop.waits), max(shop.waits), shop.longest, shop.now
