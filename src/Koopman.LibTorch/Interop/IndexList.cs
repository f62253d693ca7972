using System;

namespace TorchSharp.Interop
{
    /// <summary>An index expression as an argument of a native call; keeps its tensors of positions alive until it is disposed.</summary>
    internal readonly ref struct IndexList
    {
        private readonly torch.TensorIndex[] indices;
        private readonly NativeIndex[] entries;

        internal IndexList(torch.TensorIndex[] indices)
        {
            this.indices = NativeMethods.Given(indices);
            entries = new NativeIndex[indices.Length];
            var done = 0;
            try
            {
                for (; done < indices.Length; done++) entries[done] = Encode(indices[done]);
            }
            catch
            {
                Release(done);
                throw;
            }
        }

        internal ReadOnlySpan<NativeIndex> Entries => entries;

        internal int Count => entries.Length;

        public void Dispose() => Release(indices.Length);

        private static NativeIndex Encode(in torch.TensorIndex index)
        {
            var entry = new NativeIndex
            {
                Kind = index.Kind,
                Start = index.Start ?? long.MinValue,
                Stop = index.Stop ?? long.MinValue,
                Step = index.Step ?? long.MinValue,
            };
            if (index.Positions is not { } positions) return entry;
            var held = false;
            positions.H_.DangerousAddRef(ref held);
            entry.Positions = positions.H_.DangerousGetHandle();
            return entry;
        }

        private void Release(int count)
        {
            for (var i = 0; i < count; i++) indices[i].Positions?.H_.DangerousRelease();
        }
    }
}
