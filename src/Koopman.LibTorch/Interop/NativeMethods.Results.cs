using System;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // How results come back across the border. See native/results.cpp.
    internal static partial class NativeMethods
    {
        /// <summary>A native call that writes the tensors it returns and answers a status.</summary>
        internal delegate int Fill(Span<nint> tensors);

        [LibraryImport(Library)]
        private static partial long kt_list_size(nint list);

        [LibraryImport(Library)]
        private static partial nint kt_list_take(nint list, long index);

        [LibraryImport(Library)]
        private static partial void kt_list_free(nint list);

        internal static (torch.Tensor, torch.Tensor) Two(Fill call)
        {
            Span<nint> tensors = stackalloc nint[2];
            Check(call(tensors));
            return (Take(tensors[0]), Take(tensors[1]));
        }

        internal static (torch.Tensor, torch.Tensor, torch.Tensor) Three(Fill call)
        {
            Span<nint> tensors = stackalloc nint[3];
            Check(call(tensors));
            return (Take(tensors[0]), Take(tensors[1]), Take(tensors[2]));
        }

        /// <summary>Takes over every tensor of a native list, and frees the list.</summary>
        internal static torch.Tensor[] TakeAll(nint list)
        {
            if (list == 0) throw Failure();
            try
            {
                var tensors = new torch.Tensor[kt_list_size(list)];
                for (var i = 0; i < tensors.Length; i++) tensors[i] = Take(kt_list_take(list, i));
                return tensors;
            }
            finally
            {
                kt_list_free(list);
            }
        }

        /// <summary>The answer of a native test: 1 is yes, 0 is no, anything else a failure.</summary>
        internal static bool Yes(int answer) => answer is 0 or 1 ? answer == 1 : throw Failure();
    }
}
