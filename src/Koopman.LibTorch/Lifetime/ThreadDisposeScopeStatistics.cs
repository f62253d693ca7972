namespace TorchSharp
{
    /// <summary>
    /// The counts of everything that dispose scopes manage on the current thread. Only tensors are managed here, so these are the
    /// counts of <see cref="TensorStatistics"/>.
    /// </summary>
    public class ThreadDisposeScopeStatistics
    {
        /// <summary>The counts of tensors.</summary>
        public LifetimeStatistics TensorStatistics { get; } = new();

        /// <inheritdoc cref="LifetimeStatistics.CreatedOutsideScopeCount"/>
        public long CreatedOutsideScopeCount => TensorStatistics.CreatedOutsideScopeCount;

        /// <inheritdoc cref="LifetimeStatistics.DisposedOutsideScopeCount"/>
        public long DisposedOutsideScopeCount => TensorStatistics.DisposedOutsideScopeCount;

        /// <inheritdoc cref="LifetimeStatistics.CreatedInScopeCount"/>
        public long CreatedInScopeCount => TensorStatistics.CreatedInScopeCount;

        /// <inheritdoc cref="LifetimeStatistics.DisposedInScopeCount"/>
        public long DisposedInScopeCount => TensorStatistics.DisposedInScopeCount;

        /// <inheritdoc cref="LifetimeStatistics.AttachedToScopeCount"/>
        public long AttachedToScopeCount => TensorStatistics.AttachedToScopeCount;

        /// <inheritdoc cref="LifetimeStatistics.DetachedFromScopeCount"/>
        public long DetachedFromScopeCount => TensorStatistics.DetachedFromScopeCount;

        /// <inheritdoc cref="LifetimeStatistics.ThreadTotalLiveCount"/>
        public long ThreadTotalLiveCount => TensorStatistics.ThreadTotalLiveCount;

        /// <summary>Sets every count of this thread to zero.</summary>
        public void Reset() => TensorStatistics.Reset();

        /// <summary>All counts in one line.</summary>
        public override string ToString() => TensorStatistics.ToString();
    }
}
