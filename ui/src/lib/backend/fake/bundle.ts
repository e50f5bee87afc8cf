/** Support bundles in memory: each question for progress finds one step more done. */
import type { BundleStep, BundleView, BundleWish } from '$lib/wire';
import { inEnglish } from './english';

const STEPS: BundleStep[] = ['about', 'pages', 'clientes', 'storage', 'logs', 'finish'];

export class FakeBundle {
  view: BundleView = {
    revision: 0,
    step: null,
    done: 0,
    total: STEPS.length,
    file: null,
    failure: null,
    cancelled: false,
  };
  /** How it ends; null: well. */
  failure: BundleView['failure'] = null;
  wish: BundleWish | null = null;

  begin(wish: BundleWish): BundleView {
    this.wish = wish;
    return this.#change({ step: 'about', done: 0, file: null, failure: null, cancelled: false });
  }

  next(): BundleView {
    if (this.view.step === null) return this.view;
    const done = this.view.done + 1;
    const step = STEPS[done] ?? null;
    if (step) return this.#change({ step, done });
    if (this.failure) {
      const { message } = this.failure;
      return this.#change({ step, failure: { ...this.failure, message: inEnglish(message) } });
    }
    const name = 'session-manager-support-20261124-181500.zip';
    const file = { name, path: `/home/marta/Descargas/${name}`, size: 348_160, files: 31 };
    return this.#change({ step, done, file });
  }

  cancel(): BundleView {
    return this.view.step === null ? this.view : this.#change({ step: null, cancelled: true });
  }

  #change(patch: Partial<BundleView>): BundleView {
    this.view = { ...this.view, ...patch, revision: this.view.revision + 1 };
    return this.view;
  }
}
