import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { EventSocket, eventsUrl, type News, parseNews, reconnectDelayMs } from "./ws";

class FakeSocket extends EventTarget {
  static all: FakeSocket[] = [];
  closed = false;

  constructor(readonly url: string) {
    super();
    FakeSocket.all.push(this);
  }

  close(code = 1000): void {
    this.closed = true;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  say(news: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(news) }));
  }
}

const latest = () => FakeSocket.all.at(-1)!;

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("news", () => {
  it("of an unknown kind, or none, is ignored", () => {
    expect(parseNews('{"kind":"case.deleted","id":"1"}')).toBeNull();
    expect(parseNews("[]")).toBeNull();
    expect(parseNews("not json")).toBeNull();
    expect(parseNews("null")).toBeNull();
    expect(parseNews('{"kind":"hello"}')).toEqual({ kind: "hello" });
  });
});

describe("the delay before reconnecting", () => {
  it("doubles, stays under its ceiling, and is jittered", () => {
    expect(reconnectDelayMs(0, () => 1)).toBe(500);
    expect(reconnectDelayMs(3, () => 1)).toBe(4000);
    expect(reconnectDelayMs(3, () => 0)).toBe(2000);
    expect(reconnectDelayMs(40, () => 1)).toBe(20_000);
  });
});

describe("the socket", () => {
  it("has the page ask again when the session has ended, and tries seldom from then on", () => {
    const socket = new EventSocket("ws://x/ws/events");
    const asked = vi.fn();
    socket.onReconnect(asked);
    socket.start();
    latest().say({ kind: "hello", id: "", version: 0 });
    latest().close(4401);
    vi.advanceTimersByTime(9_000);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(11_000);
    expect(FakeSocket.all).toHaveLength(2);
    // Not at the first word: the page may be leaving for the sign-in already.
    expect(asked).not.toHaveBeenCalled();
    latest().close(4401);
    expect(asked).toHaveBeenCalledOnce();
  });

  it("is live only after the server's hello", () => {
    const socket = new EventSocket("ws://x/ws/events");
    socket.start();
    expect(socket.state()).toBe("connecting");
    latest().say({ kind: "hello" });
    expect(socket.state()).toBe("live");
  });

  it("hands news on", () => {
    const socket = new EventSocket("ws://x");
    const heard: News[] = [];
    socket.onNews((news) => heard.push(news));
    socket.start();
    latest().say({ kind: "case.changed", id: "c-1", version: 2, worklist: "blind" });
    latest().say({ kind: "something.else" });
    expect(heard).toEqual([{ kind: "case.changed", id: "c-1", version: 2, worklist: "blind" }]);
  });

  it("comes back after a loss and says that news may have been missed", () => {
    const socket = new EventSocket("ws://x");
    const missed = vi.fn();
    socket.onReconnect(missed);
    socket.start();
    latest().say({ kind: "hello" });
    expect(missed).not.toHaveBeenCalled();
    latest().close();
    expect(socket.state()).toBe("waiting");
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
    latest().say({ kind: "hello" });
    expect(socket.state()).toBe("live");
    expect(missed).toHaveBeenCalledOnce();
  });

  it("waits longer after each failure in a row", () => {
    const socket = new EventSocket("ws://x");
    vi.spyOn(Math, "random").mockReturnValue(1);
    socket.start();
    latest().close();
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
    latest().close();
    vi.advanceTimersByTime(900);
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(100);
    expect(FakeSocket.all).toHaveLength(3);
  });

  it("stays closed once stopped", () => {
    const socket = new EventSocket("ws://x");
    socket.start();
    socket.stop();
    expect(latest().closed).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

it("the address follows the page's scheme", () => {
  const at = (protocol: string) => ({ protocol, host: "clinic.example" }) as Location;
  expect(eventsUrl(at("https:"))).toBe("wss://clinic.example/ws/events");
  expect(eventsUrl(at("http:"))).toBe("ws://clinic.example/ws/events");
});
