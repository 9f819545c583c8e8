import { describe, expect, it } from "vitest";
import { Screen } from "./screen.ts";

/** What a terminal of some columns shows, as far as the codes of a screen go: up, erase the line's rest, erase below. */
class FakeTerminal {
  columns: number;
  rows: number;
  lines: string[] = [""];
  row = 0;
  column = 0;
  writes = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: this.rows };
  }

  write(text: string): void {
    this.writes++;
    for (const [token] of text.matchAll(/\u001b\[(\d*)([A-Za-z])|[^]/g)) {
      if (token === "\n") {
        this.row++;
        this.column = 0;
        this.lines[this.row] ??= "";
      } else if (token === "\r") this.column = 0;
      else if (token.endsWith("A") && token.startsWith("\u001b")) this.row -= Number(token.slice(2, -1));
      else if (token === "\u001b[K") this.lines[this.row] = this.lines[this.row]!.slice(0, this.column);
      else if (token === "\u001b[J") {
        this.lines = this.lines.slice(0, this.row + 1);
        this.lines[this.row] = this.lines[this.row]!.slice(0, this.column);
      } else if (!token.startsWith("\u001b")) {
        const line = this.lines[this.row]!;
        this.lines[this.row] = line.slice(0, this.column) + token + line.slice(this.column + 1);
        this.column++;
      }
    }
  }
}

describe("a screen", () => {
  it("draws in place, in one write, and leaves the cursor below", () => {
    const terminal = new FakeTerminal(40, 10);
    terminal.write("before\n");
    const screen = new Screen(terminal);
    screen.draw(["one, which is long", "two", "three"]);
    const { writes } = terminal;
    screen.draw(["1", "2"]);
    expect(terminal.writes).toBe(writes + 1);
    expect(terminal.lines).toEqual(["before", "1", "2", ""]);
    expect({ row: terminal.row, column: terminal.column }).toEqual({ row: 3, column: 0 });
    screen.draw(["a", "b", "c"]);
    expect(terminal.lines).toEqual(["before", "a", "b", "c", ""]);
  });

  it("makes way for other text", () => {
    const terminal = new FakeTerminal(40, 10);
    const screen = new Screen(terminal);
    screen.draw(["one", "two"]);
    screen.clear();
    terminal.write("printed\n");
    screen.draw(["three"]);
    expect(terminal.lines).toEqual(["printed", "three", ""]);
  });

  it("never takes more rows than there are, also where lines are broken", () => {
    const terminal = new FakeTerminal(10, 5);
    const screen = new Screen(terminal);
    screen.draw(["\u001b[1m1234567890\u001b[0m", "12345678901", "3", "4", "5"]);
    expect(terminal.lines).toEqual(["1234567890", "12345678901", "3", ""]);
  });

  it("finds its start where the terminal has become narrower", () => {
    const terminal = new FakeTerminal(20, 10);
    const written: string[] = [];
    const screen = new Screen({ write: (text) => void written.push(text), size: () => terminal.size() });
    screen.draw(["x".repeat(15), "y"]);
    terminal.columns = 8;
    screen.clear();
    expect(written.at(-1)).toBe("\r\u001b[3A\u001b[J");
  });

  it("says how much room there is", () => {
    expect(new Screen(new FakeTerminal(80, 24)).room).toEqual({ width: 79, height: 23 });
  });
});
