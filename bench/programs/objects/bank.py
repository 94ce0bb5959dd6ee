"""Accounts, transfers and statements: inheritance, super(), exceptions, __repr__."""

from collections import deque

SCALE = 940_000
SMALL_SCALE = 50_000


class InsufficientFunds(Exception):
    def __init__(self, account, amount):
        super().__init__(f"{account} cannot pay {amount}")
        self.account = account


class Account:
    fee = 0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = deque(maxlen=200)

    def deposit(self, amount):
        self.balance += amount
        self.history.append(("in", amount))

    def withdraw(self, amount):
        if amount + self.fee > self.balance:
            raise InsufficientFunds(self, amount)
        self.balance -= amount + self.fee
        self.history.append(("out", amount))

    def __repr__(self):
        return f"{type(self).__name__}({self.owner!r})"


class Savings(Account):
    def __init__(self, owner, balance, rate):
        super().__init__(owner, balance)
        self.rate = rate

    def add_interest(self):
        self.deposit(self.balance * self.rate // 1000)


class Checking(Account):
    fee = 1

    def withdraw(self, amount):
        if amount > 500:
            self.history.append(("large", amount))
        super().withdraw(amount)


class Bank:
    def __init__(self):
        self.accounts = []
        self.refused = 0
        self.names = set()

    def open(self, account):
        self.accounts.append(account)

    def transfer(self, source, target, amount):
        try:
            self.accounts[source].withdraw(amount)
        except InsufficientFunds as problem:
            self.refused += 1
            self.names.add(str(problem.account))
        else:
            self.accounts[target].deposit(amount)


def run(scale):
    bank = Bank()
    for i in range(100):
        if i % 2:
            bank.open(Savings(f"s{i}", 5_000 + i, 3 + i % 4))
        else:
            bank.open(Checking(f"c{i}", 4_000 + i))
    for i in range(scale):
        bank.transfer(i % 100, (i * 7 + 3) % 100, (i * 13) % 900 + 1)
        if i % 1000 == 0:
            for account in bank.accounts:
                if isinstance(account, Savings):
                    account.add_interest()
    return (
        bank.refused,
        len(bank.names),
        sum(a.balance for a in bank.accounts),
        sum(len(a.history) for a in bank.accounts),
    )
