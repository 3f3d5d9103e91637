import { Script } from 'node:vm';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  isDisplayable,
  type Displayable,
  type MimeBundle,
  type MimeMetadata,
} from '../display/mime-bundle';
import { joinBytes, splitBytes } from './bytes';

/** What the cell and the page share, by name: JSON, in which bytes may stand anywhere as a `Uint8Array`. */
export type WidgetState = Record<string, unknown>;

/** Values of the state as the page has them: bytes are `DataView`s there. */
export type InPage<T> = T extends Uint8Array
  ? DataView
  : T extends readonly (infer Item)[]
    ? InPage<Item>[]
    : T extends object
      ? { [Name in keyof T]: InPage<T[Name]> }
      : T;

/** The state in the page. */
export interface PageModel<State> {
  get<Name extends keyof State & string>(name: Name): InPage<State[Name]>;
  /** Changes a value; `save_changes` sends what has changed to the cell. */
  set<Name extends keyof State & string>(name: Name, value: InPage<State[Name]>): void;
  save_changes(): void;
  /** Calls back when a value has changed, whoever has changed it. */
  on(event: `change:${keyof State & string}`, callback: () => void): void;
}

/** An element, with its type where the types of a page are known, as they are with `lib: ["DOM"]`. */
export type PageElement = typeof globalThis extends {
  HTMLElement: { prototype: infer Element };
}
  ? Element
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any
    any;

/** What draws a widget in the page. */
export type Render<State> = (context: {
  model: PageModel<State>;
  /** The element to draw into. */
  el: PageElement;
}) => void | (() => void);

export interface WidgetOptions<State extends WidgetState> {
  /** The state to begin with; its names are all that there are. */
  model: State;
  /**
   * Draws it. A function goes to the page as text: it must use nothing from outside of itself. Text is a whole
   * JavaScript module, as [anywidget](https://anywidget.dev) takes it, with `export default { render }`.
   */
  render: Render<State> | string;
  /** The widget's style. */
  css?: string;
  /** What is shown where there are no widgets, such as on a printed page. Made anew each time. */
  still?: (state: Readonly<State>) => Displayable | Promise<Displayable>;
}

/** A comm, as the lab's kernel opens one (see environment/kernel/comms.mjs). */
interface Comm {
  id: string;
  send(message: CommMessage): void;
  close(): void;
}

interface CommMessage {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

type OpenComm = (
  target: string,
  opening: CommMessage,
  handlers: { onMessage(message: Required<CommMessage>): unknown; onClose(): void },
) => Comm;

/** Where the lab's notebook kernel keeps what opens a comm. */
export const COMM_HOOK = Symbol.for('stfpm.comm');

/** The front end that PyPI's anywidget installs, of the version that environment/requirements.txt pins. */
const ANYWIDGET = { module: 'anywidget', version: '~0.11.0' };

/** Of the protocol of Jupyter's widgets. */
const PROTOCOL_VERSION = '2.1.0';

/**
 * A state that a notebook's page draws, and that cell and page both can change. Show it as a cell's last value or with
 * `display`. Outside of a notebook it is its state alone.
 *
 * @throws RangeError if a name of the state begins with an underscore, which those of the protocol do
 */
export function widget<State extends WidgetState>(options: WidgetOptions<State>): Widget<State> {
  return new Widget(options);
}

export class Widget<State extends WidgetState = WidgetState> implements Displayable {
  readonly #options: WidgetOptions<State>;
  #state: State;
  #comm: Comm | null = null;
  #metadata: MimeMetadata = {};
  #listeners: ((changed: Partial<State>) => unknown)[] = [];
  /** What the page has changed while the listeners were at work. */
  #changed: Partial<State> = {};
  #isTelling = false;

  constructor(options: WidgetOptions<State>) {
    const reserved = Object.keys(options.model).find((name) => name.startsWith('_'));
    if (reserved !== undefined) {
      throw new RangeError(`widget: a name of the state begins with an underscore: ${reserved}`);
    }
    this.#options = options;
    this.#state = { ...options.model };
  }

  /** As it is now. */
  get state(): Readonly<State> {
    return this.#state;
  }

  /**
   * Changes values, here and in the page.
   * @throws RangeError of a name that the state does not have
   */
  set(changes: Partial<State>): void {
    const unknown = Object.keys(changes).find((name) => !Object.hasOwn(this.#state, name));
    if (unknown !== undefined) throw new RangeError(`widget: the state has no "${unknown}"`);
    Object.assign(this.#state, changes);
    this.#send(changes);
  }

  /**
   * Calls back after changes that the page has made, with the new values: once at a time, and once for all those that
   * come while it is at work. Their types are as the page has sent them.
   */
  onChange(listener: (changed: Partial<State>) => unknown): this {
    this.#listeners.push(listener);
    return this;
  }

  /** Removes it from the page, and lets go of what it holds there. */
  close(): void {
    this.#comm?.close();
    this.#comm = null;
  }

  async [JUPYTER_DISPLAY](): Promise<MimeBundle> {
    const id = this.#open()?.id;
    const still = await this.#options.still?.(this.#state);
    const bundle = isDisplayable(still) ? await still[JUPYTER_DISPLAY]() : null;
    this.#metadata = still?.[DISPLAY_METADATA]?.() ?? {};
    const text = `Widget of ${Object.keys(this.#state).join(', ')}`;
    if (id === undefined) return bundle ?? { 'text/plain': text };
    const view = { version_major: 2, version_minor: 1, model_id: id };
    return {
      'application/vnd.jupyter.widget-view+json': view,
      ...(bundle ?? { 'text/plain': text }),
    };
  }

  /** Of the still picture that was shown last. */
  [DISPLAY_METADATA](): MimeMetadata {
    return this.#metadata;
  }

  #open(): Comm | null {
    const open = (globalThis as { [COMM_HOOK]?: OpenComm })[COMM_HOOK];
    if (this.#comm === null && typeof open === 'function') {
      const { bare, paths, buffers } = splitBytes(this.#whole());
      this.#comm = open(
        'jupyter.widget',
        {
          data: { state: bare, buffer_paths: paths },
          metadata: { version: PROTOCOL_VERSION },
          buffers,
        },
        {
          onMessage: (message) => this.#receive(message),
          onClose: () => {
            this.#comm = null;
          },
        },
      );
    }
    return this.#comm;
  }

  /** The state with what anywidget's front end wants to know. */
  #whole(): WidgetState {
    const { module, version } = ANYWIDGET;
    const { render, css = '' } = this.#options;
    return {
      _model_module: module,
      _model_name: 'AnyModel',
      _model_module_version: version,
      _view_module: module,
      _view_name: 'AnyView',
      _view_module_version: version,
      _view_count: null,
      _dom_classes: [],
      _anywidget_id: 'stfpm-lab',
      _esm: typeof render === 'string' ? render : moduleOf(render),
      _css: css,
      ...this.#state,
    };
  }

  #send(state: WidgetState): void {
    const { bare, paths, buffers } = splitBytes(state);
    this.#comm?.send({ data: { method: 'update', state: bare, buffer_paths: paths }, buffers });
  }

  #receive({ data, buffers }: Required<CommMessage>): Promise<void> | void {
    if (data.method === 'request_state') this.#send(this.#whole());
    if (data.method !== 'update' || typeof data.state !== 'object' || data.state === null) return;
    const sent = joinBytes(data.state, data.buffer_paths, buffers);
    const known = Object.entries(sent).filter(([name]) => Object.hasOwn(this.#state, name));
    const changed = Object.fromEntries(known) as Partial<State>;
    if (known.length === 0) return;
    Object.assign(this.#state, changed);
    Object.assign(this.#changed, changed);
    return this.#tell();
  }

  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (Object.keys(this.#changed).length > 0) {
        const changed = this.#changed;
        this.#changed = {};
        for (const listener of this.#listeners) await listener(changed);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}

/** What the lab's kernel calls in the loops and after the awaits of a cell's functions, whose text is sent to the page. */
const GUARDS = ['__passUnlessStopped__', '__passUnlessInterrupted__', '__passUnlessAbandoned__'];

function moduleOf(render: { name: string }): string {
  const guards = GUARDS.map((name) => `const ${name} = (value) => value;`).join('\n');
  const text = String(render);
  // A method's text is no expression by itself.
  const expression = isExpression(text) ? text : `({ ${text} })[${JSON.stringify(render.name)}]`;
  return `${guards}\nexport default { render: ${expression} };\n`;
}

function isExpression(text: string): boolean {
  try {
    new Script(`(${text})`);
    return true;
  } catch {
    return false;
  }
}
