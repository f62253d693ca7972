using System;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // What a tensor is: shape, type, device and layout.
        public partial class Tensor
        {
            /// <summary>The lengths of the dimensions; empty for a single number.</summary>
            public long[] shape
            {
                get
                {
                    Span<long> lengths = stackalloc long[8];
                    var dim = Counted(kt_sizes(handle, lengths, lengths.Length));
                    if (dim <= lengths.Length) return lengths[..(int)dim].ToArray();
                    var all = new long[dim];
                    Counted(kt_sizes(handle, all, dim));
                    return all;
                }
            }

            /// <summary>The lengths of the dimensions; empty for a single number.</summary>
            public long[] size() => shape;

            /// <summary>The length of a dimension; negative ones count from the last. ExternalException if there is none such.</summary>
            public long size(int dim) => Counted(kt_size(handle, dim));

            /// <summary>The steps in memory, in elements, from one position to the next in every dimension.</summary>
            public long[] stride()
            {
                var strides = new long[ndim];
                Counted(kt_strides(handle, strides, strides.Length));
                return strides;
            }

            /// <summary>The step in memory, in elements, from one position to the next in a dimension.</summary>
            public long stride(int dim)
            {
                Check(kt_stride(handle, dim, out var step));
                return step;
            }

            /// <summary>The number of dimensions.</summary>
            public long dim() => Counted(kt_dim(handle));

            /// <summary>The number of dimensions.</summary>
            public long ndim => dim();

            /// <summary>The number of dimensions.</summary>
            public long Dimensions => dim();

            /// <summary>The number of elements.</summary>
            public long numel() => Counted(kt_numel(handle));

            /// <summary>The number of elements.</summary>
            public long NumberOfElements => numel();

            /// <summary>The bytes that one element takes.</summary>
            public long element_size() => Counted(kt_element_size(handle));

            /// <summary>The bytes that one element takes.</summary>
            public long ElementSize => element_size();

            /// <summary>The position of the first element in the storage, in elements.</summary>
            public long storage_offset() => Counted(kt_storage_offset(handle));

            /// <summary>The type of the elements.</summary>
            public ScalarType dtype
            {
                get
                {
                    var type = kt_dtype(handle);
                    return type >= 0 ? (ScalarType)type : throw Failure();
                }
            }

            /// <summary>Where the elements are.</summary>
            public Device device
            {
                get
                {
                    Check(kt_device(handle, out var type, out var index));
                    return new Device((DeviceType)type, index);
                }
            }

            public DeviceType device_type
            {
                get
                {
                    Check(kt_device(handle, out var type, out _));
                    return (DeviceType)type;
                }
            }

            public int device_index
            {
                get
                {
                    Check(kt_device(handle, out _, out var index));
                    return index;
                }
            }

            public bool is_cpu() => device_type == DeviceType.CPU;

            public bool is_cuda => device_type == DeviceType.CUDA;

            /// <summary>True for a tensor that has a shape but no elements in memory.</summary>
            public bool is_meta => device_type == DeviceType.META;

            public bool is_sparse => Yes(kt_is_sparse(handle));

            /// <summary>True when the elements lie in memory row by row without gaps.</summary>
            public bool is_contiguous() => Yes(kt_is_contiguous(handle));

            public bool is_pinned() => Yes(kt_is_pinned(handle));

            /// <summary>True when a conjugation is pending.</summary>
            public bool is_conj() => Yes(kt_is_conj(handle));

            /// <summary>True when a negation is pending.</summary>
            public bool is_neg() => Yes(kt_is_neg(handle));

            /// <summary>True when the only element is not zero; ExternalException for more or fewer elements.</summary>
            public bool is_nonzero() => Yes(kt_is_nonzero(handle));

            public bool is_integral() => torch.is_integral(dtype);

            public bool is_floating_point() => torch.is_floating_point(dtype);

            public bool is_complex() => torch.is_complex(dtype);
        }

        public static bool is_integral(Tensor t) => Given(t).is_integral();

        public static bool is_floating_point(Tensor input) => Given(input).is_floating_point();

        public static bool is_complex(Tensor input) => Given(input).is_complex();

        public static bool is_conj(Tensor input) => Given(input).is_conj();

        public static bool is_nonzero(Tensor input) => Given(input).is_nonzero();

        public static bool is_tensor(object obj) => obj is Tensor;

        public static long numel(Tensor input) => Given(input).numel();
    }
}
