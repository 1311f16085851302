#!/usr/bin/env perl
# reader.pl KEY: a System V reader in perl's built-in calls: every shmread and shmwrite attaches and detaches.
use strict;
use warnings;

my $key   = unpack 'l', pack 'L', hex shift;    # a key_t is signed
my $shmid = shmget($key, 4100, 0666 | 01000) // die "shmget: $!\n";
my $said  = ' ' x 30 . 'You wrote: ';

for (my $text = ''; $text !~ /^end/;) {
    my ($written, $mtext) = (0, '');
    until ($written) {
        select undef, undef, undef, 0.005;
        shmread($shmid, my $word, 0, 4) or die "shmread: $!\n";
        $written = unpack 'l', $word;
    }
    shmread($shmid, $mtext, 4, 4096) or die "shmread: $!\n";
    ($text) = unpack 'Z*', $mtext;
    print "$said$text\n";
    shmwrite($shmid, pack('l', 0), 0, 4) or die "shmwrite: $!\n";
}
