using System;
using System.Threading;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class DisposeScopeTests
    {
        [Fact]
        public void A_scope_disposes_what_was_made_in_it()
        {
            var before = Tensor.TotalCount;
            var outside = ones(2);
            Tensor inside;
            using (NewDisposeScope()) inside = ones(2);
            Assert.True(inside.IsInvalid);
            Assert.False(outside.IsInvalid);
            outside.Dispose();
            Assert.Equal(before, Tensor.TotalCount);
        }

        [Fact]
        public void A_survivor_moves_out_one_scope_at_a_time()
        {
            Tensor x;
            using (var outer = NewDisposeScope())
            {
                using (NewDisposeScope())
                {
                    x = ones(2);
                    Assert.Same(x, x.MoveToOuterDisposeScope());
                }

                Assert.False(x.IsInvalid);
                Assert.True(outer.Contains(x));
                Assert.Equal(1, outer.DisposablesCount);
            }

            Assert.True(x.IsInvalid);
        }

        [Fact]
        public void A_tensor_that_leaves_the_outermost_scope_belongs_to_its_holder()
        {
            Tensor moved, detached;
            using (var scope = NewDisposeScope())
            {
                moved = scope.MoveToOuter(ones(2));
                detached = ones(2).DetachFromDisposeScope();
                Assert.Empty(scope.DisposablesView);
            }

            Assert.False(moved.IsInvalid);
            Assert.False(detached.IsInvalid);
            moved.Dispose();
            detached.Dispose();
        }

        [Fact]
        public void Several_survivors_move_at_once()
        {
            using var outer = NewDisposeScope();
            Tensor a, b, c;
            using (var inner = NewDisposeScope()) (a, b, c) = inner.MoveToOuter(ones(1), zeros(1), ones(2));
            Assert.Equal(3, outer.DisposablesCount);
            Assert.False(a.IsInvalid || b.IsInvalid || c.IsInvalid);
            (a, b) = outer.Detach(a, b);
            Assert.Equal(1, outer.DisposablesCount);
            a.Dispose();
            b.Dispose();
        }

        [Fact]
        public void A_scope_can_be_emptied_but_for_some()
        {
            using var scope = NewDisposeScope();
            var (a, b) = (ones(1), ones(1));
            Assert.Same(a, scope.DisposeEverythingBut(a));
            Assert.True(b.IsInvalid);
            Assert.Equal(1, scope.DisposablesCount);
            scope.DisposeEverything();
            Assert.True(a.IsInvalid);
            Assert.Equal(0, scope.DisposablesCount);
        }

        [Fact]
        public void A_tensor_can_join_a_scope_or_another_tensor_in_its()
        {
            var (x, y) = (ones(1), ones(1));
            using (var scope = NewDisposeScope())
            {
                scope.Attach(x);
                y.MoveToOtherDisposeScope(x);
                Assert.True(scope.Contains(y));
            }

            Assert.True(x.IsInvalid && y.IsInvalid);
        }

        [Fact]
        public void A_tensor_disposed_by_hand_leaves_its_scope()
        {
            using var scope = NewDisposeScope();
            var x = ones(1);
            x.Dispose();
            x.Dispose();
            Assert.Equal(0, scope.DisposablesCount);
        }

        [Fact]
        public void Scopes_need_not_end_in_order()
        {
            var outer = NewDisposeScope();
            var inner = NewDisposeScope();
            outer.Dispose();
            Assert.Same(inner, CurrentDisposeScope);
            var x = ones(1);
            inner.Dispose();
            inner.Dispose();
            Assert.True(x.IsInvalid);
            Assert.Null(CurrentDisposeScope);
            Assert.Throws<ObjectDisposedException>(() => inner.DisposeEverything());
            Assert.Throws<ObjectDisposedException>(() => inner.DisposablesCount);
        }

        [Fact]
        public void A_scope_holds_tensors_only()
        {
            using var scope = NewDisposeScope();
            using var other = new CancellationTokenSource();
            Assert.Throws<InvalidOperationException>(() => scope.Attach(other));
        }

        [Fact]
        public void Scopes_belong_to_their_thread()
        {
            using var scope = NewDisposeScope();
            Tensor? x = null;
            var thread = new Thread(() => x = ones(1));
            thread.Start();
            thread.Join();
            Assert.Equal(0, scope.DisposablesCount);
            x!.Dispose();
        }

        [Fact]
        public void An_expression_leaves_only_its_result()
        {
            var before = Tensor.TotalCount;
            using (var x = WrappedTensorDisposeScope(() => (ones(2) + 1) * 3))
            {
                Assert.Equal(before + 1, Tensor.TotalCount);
                Assert.Equal(12, x.sum().item<float>());
            }
        }

        [Fact]
        public void Statistics_count_what_happened()
        {
            var counts = DisposeScopeManager.Statistics;
            counts.Reset();
            ones(1).Dispose();
            using (var scope = NewDisposeScope())
            {
                _ = ones(1);
                _ = ones(1);
                ones(1).DetachFromDisposeScope().Dispose();
                scope.Attach(ones(1).DetachFromDisposeScope());
            }

            Assert.Equal(1, counts.CreatedOutsideScopeCount);
            Assert.Equal(4, counts.CreatedInScopeCount);
            Assert.Equal(3, counts.DisposedInScopeCount);
            Assert.Equal(2, counts.DisposedOutsideScopeCount);
            Assert.Equal(2, counts.DetachedFromScopeCount);
            Assert.Equal(1, counts.AttachedToScopeCount);
            Assert.Equal(0, counts.ThreadTotalLiveCount);
            Assert.Equal(4, counts.TensorStatistics.CreatedInScopeCount);
        }

        [Fact]
        public void The_peak_is_never_below_what_lives()
        {
            using var scope = NewDisposeScope();
            for (var i = 0; i < 10; i++) _ = ones(1);
            Assert.True(Tensor.PeakCount >= Tensor.TotalCount);
        }

        [Fact]
        public void A_tensor_that_nobody_holds_is_collected_in_the_end()
        {
            var before = Tensor.TotalCount;
            Forget();
            for (var i = 0; i < 20 && Tensor.TotalCount > before; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.True(Tensor.TotalCount <= before);

            [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
            static void Forget()
            {
                for (var i = 0; i < 100; i++) _ = ones(10);
            }
        }

        [Fact]
        public void Use_after_disposal_is_an_exception_and_no_crash()
        {
            var x = ones(2, requires_grad: true);
            x.Dispose();
            Assert.True(x.IsInvalid);
            Assert.ThrowsAny<InvalidOperationException>(() => x + 1);
            Assert.ThrowsAny<InvalidOperationException>(() => x.requires_grad);
            Assert.ThrowsAny<InvalidOperationException>(() => x.grad);
            Assert.ThrowsAny<InvalidOperationException>(() => x.backward());
            Assert.ThrowsAny<InvalidOperationException>(() => nn.functional.relu(x));
        }
    }
}
