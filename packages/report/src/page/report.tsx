import { useEffect, useState } from 'preact/hooks';
import type { ReportData } from '../report-data.ts';
import { formatTime } from './format.ts';
import { useData } from './use-data.ts';
import { BatchesView } from './views/batches.tsx';
import { DictionaryView } from './views/dictionary.tsx';
import { FreshnessView } from './views/freshness.tsx';
import { NoticesView } from './views/notices.tsx';
import { PathView } from './views/path.tsx';
import { ProofsView } from './views/proofs.tsx';
import { QuarantineView } from './views/quarantine.tsx';
import { QuestionsView } from './views/questions.tsx';
import { RowView } from './views/row.tsx';

const VIEWS = [
  { id: 'path', title: 'Path of the data', View: PathView },
  { id: 'waiting', title: 'What waits', View: NoticesView },
  { id: 'freshness', title: 'Freshness', View: FreshnessView },
  { id: 'batches', title: 'Batches', View: BatchesView },
  { id: 'quarantine', title: 'Quarantine', View: QuarantineView },
  { id: 'proofs', title: 'Proofs', View: ProofsView },
  { id: 'row', title: 'History of a row', View: RowView },
  { id: 'questions', title: 'Questions', View: QuestionsView },
  { id: 'dictionary', title: 'Data dictionary', View: DictionaryView },
] as const;

/** The page: a list of views, and the one that the address names after `#`. */
export function Report({ first, isLive }: { readonly first: ReportData; readonly isLive: boolean }) {
  const { data, fault } = useData(first, isLive);
  const { id, title, View } = useView();
  useEffect(() => {
    document.title = `${title} · totesys`;
  }, [title]);
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <header>
        <p class="product">totesys pipeline</p>
        <p class="made">
          {isLive ? 'Live, last read' : 'Made'} {formatTime(data.madeAt)} by {data.version}
        </p>
        {fault !== undefined && (
          <p class="fault" role="status">
            {fault}
          </p>
        )}
      </header>
      <nav aria-label="Views">
        {VIEWS.map((view) => (
          <a key={view.id} href={`#${view.id}`} aria-current={view.id === id ? 'page' : undefined}>
            {view.title}
            {view.id === 'waiting' && data.notices.length > 0 && <span class="count">{data.notices.length}</span>}
          </a>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <h1>{title}</h1>
        <View data={data} isLive={isLive} />
      </main>
    </>
  );
}

function useView(): (typeof VIEWS)[number] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listen = () => {
      // The link to the content names no view: it moves the focus.
      if (location.hash === '#content') document.getElementById('content')?.focus();
      else setHash(location.hash);
    };
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  return VIEWS.find(({ id }) => hash.slice(1).split('/')[0] === id) ?? VIEWS[0];
}
