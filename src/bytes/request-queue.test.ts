import { describe, expect, it } from "vitest";
import { RequestQueue } from "./request-queue.ts";

/** Work that ends when it is told to. */
function controlled(): {
  readonly work: () => Promise<string>;
  readonly end: () => void;
  readonly isRunning: () => boolean;
} {
  let running = false;
  let end = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async (): Promise<string> => {
    running = true;
    await gate;
    running = false;
    return "done";
  };
  return { work, end, isRunning: () => running };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("a request queue", () => {
  it("lets work wait until there is room, and keeps the order", async () => {
    const queue = new RequestQueue(1);
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((n) => queue.run(async () => void order.push(n))));
    expect(order).toEqual([1, 2, 3]);
  });

  it("makes room when work fails", async () => {
    const queue = new RequestQueue(1);
    const failed = queue.run(async () => {
      throw new Error("no");
    });
    const next = queue.run(async () => "yes");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("lets those who wait give up without taking room", async () => {
    const queue = new RequestQueue(1);
    const first = controlled();
    const running = queue.run(first.work);
    const controller = new AbortController();
    const second = controlled();
    const given = queue.run(second.work, controller.signal);
    const third = controlled();
    const waiting = queue.run(third.work);
    controller.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    first.end();
    await running;
    await settled();
    expect([second.isRunning(), third.isRunning()]).toEqual([false, true]);
    third.end();
    expect(await waiting).toBe("done");
  });

  it("refuses at once to wait for somebody who has given up", async () => {
    const queue = new RequestQueue(1);
    const first = controlled();
    const running = queue.run(first.work);
    await expect(queue.run(async () => "no", AbortSignal.abort(new Error("enough")))).rejects.toThrow(
      "enough",
    );
    first.end();
    expect(await running).toBe("done");
    expect(await queue.run(async () => "yes")).toBe("yes");
  });
});
