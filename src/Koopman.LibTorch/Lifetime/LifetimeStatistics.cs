namespace TorchSharp
{
    /// <summary>How many tensors one thread created and disposed, and whether a <see cref="DisposeScope"/> held them.</summary>
    public class LifetimeStatistics
    {
        /// <summary>Tensors created while no scope was open.</summary>
        public long CreatedOutsideScopeCount { get; internal set; }

        /// <summary>Tensors disposed while no scope held them.</summary>
        public long DisposedOutsideScopeCount { get; internal set; }

        /// <summary>Tensors created in a scope.</summary>
        public long CreatedInScopeCount { get; internal set; }

        /// <summary>Tensors disposed while a scope held them, by that scope or by hand.</summary>
        public long DisposedInScopeCount { get; internal set; }

        /// <summary>Tensors that were given to a scope after their creation.</summary>
        public long AttachedToScopeCount { get; internal set; }

        /// <summary>Tensors that were taken out of every scope.</summary>
        public long DetachedFromScopeCount { get; internal set; }

        /// <summary>Tensors created minus tensors disposed on this thread since the last <see cref="Reset"/>.</summary>
        public long ThreadTotalLiveCount =>
            CreatedInScopeCount - DisposedInScopeCount + CreatedOutsideScopeCount - DisposedOutsideScopeCount;

        /// <summary>Sets every count to zero.</summary>
        public void Reset()
        {
            CreatedOutsideScopeCount = 0;
            DisposedOutsideScopeCount = 0;
            CreatedInScopeCount = 0;
            DisposedInScopeCount = 0;
            AttachedToScopeCount = 0;
            DetachedFromScopeCount = 0;
        }

        /// <summary>All counts in one line.</summary>
        public override string ToString() =>
            $"ThreadTotalLiveCount: {ThreadTotalLiveCount}; CreatedOutsideScopeCount: {CreatedOutsideScopeCount}; " +
            $"DisposedOutsideScopeCount: {DisposedOutsideScopeCount}; CreatedInScopeCount: {CreatedInScopeCount}; " +
            $"DisposedInScopeCount: {DisposedInScopeCount}; AttachedToScopeCount: {AttachedToScopeCount}; " +
            $"DetachedFromScopeCount: {DetachedFromScopeCount}";
    }
}
