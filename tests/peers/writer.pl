#!/usr/bin/env perl
# writer.pl KEY: a System V writer in perl's built-in calls. Its input must end with a line that begins with `end`.
use strict;
use warnings;

my $key   = unpack 'l', pack 'L', hex shift;    # a key_t is signed
my $shmid = shmget($key, 4100, 0666 | 01000) // die "shmget: $!\n";

while (my $text = <STDIN>) {
    my $written = 1;
    while ($written) {
        shmread($shmid, my $word, 0, 4) or die "shmread: $!\n";
        $written = unpack 'l', $word;
        select undef, undef, undef, 0.005 if $written;
    }
    print "Enter some text: shared buffer: $text\n";
    shmwrite($shmid, "$text\0", 4, length($text) + 1) or die "shmwrite: $!\n";
    shmwrite($shmid, pack('l', 1), 0, 4) or die "shmwrite: $!\n";
    last if $text =~ /^end/;
}
